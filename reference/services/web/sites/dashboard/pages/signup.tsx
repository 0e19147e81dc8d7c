import { mutate, Refusal } from '../api.ts';
import { go, Link } from '../router.tsx';
import { Field, Form } from '../ui/parts.tsx';
import { useTask } from '../use.ts';
import { Outside } from './outside.tsx';

export function Signup() {
  const task = useTask<Readonly<Record<string, string>>>(async ({ confirmPassword, ...given }) => {
    if (given.password !== confirmPassword) throw new Refusal('REFUSED', 'The two passwords are not the same.');
    const { verificationToken } = await mutate<{ verificationToken?: string }>('auth.register', given);
    const proof = verificationToken ? `?token=${verificationToken}` : `?email=${encodeURIComponent(given.email ?? '')}`;
    go(`/verify-email${proof}`);
  });
  return (
    <Outside title="Create your account">
      <Form label="Create your account" task={task} submit="Create account" busy="Creating account...">
        <Field label="Your name" id="name" name="name" autoComplete="name" maxLength="200" required />
        <Field label="Email address" id="email" name="email" type="email" autoComplete="username" required />
        <Field
          label="Organization name"
          id="organizationName"
          name="organizationName"
          autoComplete="organization"
          required
        />
        <NewPassword />
      </Form>
      <p className="note">
        <Link to="/login">I have an account already: sign in</Link>
      </p>
    </Outside>
  );
}

export const NewPassword = () => (
  <>
    <Field
      label="Password"
      id="password"
      name="password"
      type="password"
      autoComplete="new-password"
      minLength="8"
      hint="At least 8 characters, with upper and lower case, a digit and another character."
      required
    />
    <Field
      label="Confirm password"
      id="confirmPassword"
      name="confirmPassword"
      type="password"
      autoComplete="new-password"
      required
    />
  </>
);
