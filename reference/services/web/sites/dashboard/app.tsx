import { type ReactNode, useEffect } from 'react';
import { ForgotPassword } from './pages/forgot-password.tsx';
import { Login } from './pages/login.tsx';
import { ResetPassword } from './pages/reset-password.tsx';
import { Signup } from './pages/signup.tsx';
import { VerifyEmail } from './pages/verify-email.tsx';
import { go, usePath } from './router.tsx';
import { SessionProvider, useSession } from './session.tsx';
import { Shell } from './shell.tsx';
import { Failure, Waiting } from './ui/parts.tsx';
import { textOf } from './use.ts';

export const App = () => (
  <SessionProvider
    starting={
      <Centred>
        <Waiting />
      </Centred>
    }
    failed={(problem, again) => (
      <Centred>
        <Failure problem={textOf(problem)} again={again} />
      </Centred>
    )}
  >
    <Routes />
  </SessionProvider>
);

const open: Readonly<Record<string, () => ReactNode>> = {
  '/login': Login,
  '/signup': Signup,
  '/verify-email': VerifyEmail,
  '/forgot-password': ForgotPassword,
  '/reset-password': ResetPassword,
};

function Routes() {
  const path = usePath();
  const { user } = useSession();
  const Open = open[path];
  if (Open) return <Open key={path} />;
  return user ? <Shell path={path} /> : <ToLogin />;
}

/** Where one wanted to go is remembered, to be led there after signing in. */
function ToLogin() {
  useEffect(() => {
    const wanted = location.pathname + location.search;
    go(wanted === '/' ? '/login' : `/login?next=${encodeURIComponent(wanted)}`, 'replace');
  }, []);
  return (
    <Centred>
      <Waiting />
    </Centred>
  );
}

const Centred = ({ children }: { children: ReactNode }) => (
  <main className="center">
    <div className="card">{children}</div>
  </main>
);
