import { useEffect } from 'react';
import { mutate } from '../api.ts';
import { go, Link } from '../router.tsx';
import { Field, Form, Waiting } from '../ui/parts.tsx';
import { useLoaded, useTask } from '../use.ts';
import { given, Outside } from './outside.tsx';

export const VerifyEmail = () => (given('token') ? <Verified token={given('token')} /> : <CheckYourMail />);

/** A token is good once, and development mode runs effects twice: what was asked for a token is asked only once. */
const asked = new Map<string, Promise<unknown>>();

function Verified({ token }: { token: string }) {
  const verified = useLoaded(async () => {
    const asking = asked.get(token) ?? mutate('auth.verifyEmail', { token });
    asked.set(token, asking);
    await asking;
    return true;
  });
  useEffect(() => {
    if (!verified.value) return;
    const timer = setTimeout(() => go('/login'), 3000);
    return () => clearTimeout(timer);
  }, [verified.value]);
  if (verified.problem) {
    return (
      <Outside title="This link does not work">
        <p className="error" role="alert">
          It was used already, or it is too old. ({verified.problem})
        </p>
        <Resend />
      </Outside>
    );
  }
  if (!verified.value)
    return (
      <Outside title="Verifying your e-mail address">
        <Waiting />
      </Outside>
    );
  return (
    <Outside title="Email Verified Successfully!">
      <p role="status">Thank you. You are led to the sign-in in a moment.</p>
      <Link to="/login" className="button">
        Sign in
      </Link>
    </Outside>
  );
}

const CheckYourMail = () => (
  <Outside title="Check your e-mail">
    <p role="status">We have sent you a message. Open the link in it to verify your address.</p>
    <Resend />
    <p className="note">
      <Link to="/login">Sign in</Link>
    </p>
  </Outside>
);

function Resend() {
  const task = useTask<Readonly<Record<string, string>>>(async ({ email }) => {
    const { message } = await mutate<{ message: string }>('auth.resendVerification', { email });
    return message;
  });
  return (
    <Form label="Send the message again" task={task} submit="Send it again" busy="Sending...">
      <Field
        label="Email address"
        name="email"
        type="email"
        autoComplete="username"
        defaultValue={given('email')}
        required
      />
    </Form>
  );
}
