import { useEffect, useState } from 'react';
import { authForm, Refusal } from '../api.ts';
import { go, Link } from '../router.tsx';
import { useSession } from '../session.tsx';
import { Field, Form } from '../ui/parts.tsx';
import { useTask } from '../use.ts';
import { given, Outside } from './outside.tsx';
import { Providers } from './providers.tsx';

/** One text for every cause: it must not say whether the address exists, nor whether the password was right. */
const refused = 'Invalid email or password. After five wrong passwords an account is locked for 15 minutes.';
const errors: Readonly<Record<string, string>> = {
  CredentialsSignin: refused,
  MissingCSRF: 'This page was open for too long. Please try again.',
  OAuthCallbackError: 'You could not be signed in that way. Please try again, or use your password.',
  OAuthAccountNotLinked: 'This e-mail address signs in with a password. Sign in with it instead.',
};

/** What an API that tells causes apart leads to; ours does so only with that fault planted. */
const codes: Readonly<Record<string, string>> = {
  unknown: 'There is no account with this email address.',
  password: 'The password is wrong.',
  locked: 'This account is locked.',
};

export function Login() {
  const { ended, user, refresh } = useSession();
  const [askCode, setAskCode] = useState(false);
  const task = useTask<Readonly<Record<string, string>>>(async ({ email = '', password = '', mfaCode = '' }) => {
    const to = await signIn({ email, password, ...(mfaCode ? { mfaCode: mfaCode.trim() } : {}) });
    const error = to.get('error');
    if (error === 'Configuration' || to.get('code') === 'mfa_required') return setAskCode(true);
    if (error !== null) throw new Refusal('REFUSED', codes[to.get('code') ?? ''] ?? errors[error] ?? refused);
    await refresh();
    go(wanted(), 'replace');
  });
  useEffect(() => {
    if (user) go(wanted(), 'replace');
  }, [user]);
  if (user) return <Outside title="Sign in to your account" />;
  return (
    <Outside title="Sign in to your account">
      <Arrival ended={ended} />
      <Form label="Sign in" task={task} submit="Sign in" busy="Signing in...">
        <Field label="Email address" id="email" name="email" type="email" autoComplete="username" required />
        <Field
          label="Password"
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
        {askCode && <CodeField />}
      </Form>
      <p className="row">
        <Link to="/forgot-password">Forgot your password?</Link>
        <Link to="/signup">Create a new account</Link>
      </p>
      <Providers callbackUrl={`${location.origin}${wanted()}`} />
    </Outside>
  );
}

const CodeField = () => (
  <>
    <p role="status">This account is protected by a second factor.</p>
    <Field
      label="MFA Code"
      id="mfaCode"
      name="mfaCode"
      autoComplete="one-time-code"
      maxLength="8"
      hint="Six digits from your authenticator app, or one of your backup codes."
      required
      autoFocus
    />
  </>
);

function Arrival({ ended }: { ended: boolean }) {
  const error = given('error');
  if (error) {
    return (
      <p className="error" role="alert">
        {errors[error] ?? 'You could not be signed in. Please try again, or use another way.'}
      </p>
    );
  }
  return ended ? <p role="status">Your session has ended. Please sign in again.</p> : null;
}

/** What the address one is led to says of the attempt. */
async function signIn(fields: Record<string, string>): Promise<URLSearchParams> {
  const to = await authForm('/api/auth/callback/credentials', {
    ...fields,
    callbackUrl: `${location.origin}/dashboard`,
  });
  return to.searchParams;
}

/** Only paths of this site: an address from elsewhere must not be led to. */
function wanted(): string {
  const next = given('next');
  return /^\/(?!\/)/.test(next) && !next.startsWith('/login') ? next : '/dashboard';
}
