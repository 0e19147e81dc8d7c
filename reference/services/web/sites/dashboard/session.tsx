import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { authForm, query } from './api.ts';
import { go } from './router.tsx';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: 'owner' | 'admin' | 'member';
  readonly tenantId: string;
}

interface Session {
  readonly user: User | null;
  /** The session ended while somebody worked with it. */
  readonly ended: boolean;
  readonly refresh: () => Promise<User | null>;
  readonly signOut: () => Promise<void>;
  /** A call was refused because nobody is signed in any more. */
  readonly expire: () => void;
}

const nobody: Session = {
  user: null,
  ended: false,
  refresh: async () => null,
  signOut: async () => {},
  expire: () => {},
};
const SessionContext = createContext<Session>(nobody);

export const useSession = (): Session => useContext(SessionContext);

/** For pages behind the sign-in, which are never shown without a user. */
export const useUser = (): User => useSession().user!;

interface Given {
  readonly children: ReactNode;
  readonly starting: ReactNode;
  readonly failed: (problem: unknown, again: () => void) => ReactNode;
}

export function SessionProvider({ children, starting, failed }: Given) {
  const [user, setUser] = useState<User | null | undefined>(undefined);
  const [problem, setProblem] = useState<unknown>(undefined);
  const [ended, setEnded] = useState(false);
  const refresh = async () => {
    const { user } = await query<{ user: User | null }>('auth.getSession');
    setUser(user);
    if (user) setEnded(false);
    return user;
  };
  const start = () => {
    setProblem(undefined);
    refresh().catch(setProblem);
  };
  // Once, when the page opens.
  useEffect(start, []);
  if (problem !== undefined) return failed(problem, start);
  if (user === undefined) return starting;
  const signOut = async () => {
    await authForm('/api/auth/signout', {});
    sessionStorage.clear();
    setUser(null);
    go('/login');
  };
  const expire = () => {
    setEnded(true);
    setUser(null);
  };
  return <SessionContext value={{ user, ended, refresh, signOut, expire }}>{children}</SessionContext>;
}
