import { mutate, Refusal } from '../api.ts';
import { Link } from '../router.tsx';
import { Form } from '../ui/parts.tsx';
import { useTask } from '../use.ts';
import { given, Outside } from './outside.tsx';
import { NewPassword } from './signup.tsx';

export function ResetPassword() {
  const token = given('token');
  const task = useTask<Readonly<Record<string, string>>>(async ({ password, confirmPassword }) => {
    if (password !== confirmPassword) throw new Refusal('REFUSED', 'The two passwords are not the same.');
    await reset(token, password ?? '');
    return 'Your password has been changed. You can sign in with it now.';
  });
  if (!token) {
    return (
      <Outside title="This link does not work">
        <p className="error" role="alert">
          It has no token in it.
        </p>
        <Link to="/forgot-password">Ask for a new link</Link>
      </Outside>
    );
  }
  return (
    <Outside title="Choose a new password">
      <Form label="Choose a new password" task={task} submit="Change password" resetAfter>
        <NewPassword />
      </Form>
      <p className="note">
        <Link to="/login">Sign in</Link>
      </p>
    </Outside>
  );
}

async function reset(token: string, password: string): Promise<void> {
  await mutate('auth.resetPassword', { token, password }).catch((error) => {
    const used = error instanceof Refusal && (error.code === 'NOT_FOUND' || /expired/i.test(error.message));
    throw used ? new Refusal('REFUSED', 'This link was used already, or it is too old. Ask for a new one.') : error;
  });
}
