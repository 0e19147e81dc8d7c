import { mutate } from '../api.ts';
import { Link } from '../router.tsx';
import { Field, Form } from '../ui/parts.tsx';
import { useTask } from '../use.ts';
import { Outside } from './outside.tsx';

export function ForgotPassword() {
  const task = useTask<Readonly<Record<string, string>>>(async ({ email }) => {
    await mutate('auth.resetPasswordRequest', { email });
    // The same for everybody: it must not say whether the address is registered.
    return 'If the address is registered, a message with a link is on its way.';
  });
  return (
    <Outside title="Reset your password">
      <p>We send you a link with which you can choose a new password.</p>
      <Form label="Reset your password" task={task} submit="Send reset link" busy="Sending...">
        <Field label="Email address" id="email" name="email" type="email" autoComplete="username" required />
      </Form>
      <p className="note">
        <Link to="/login">Back to sign in</Link>
      </p>
    </Outside>
  );
}
