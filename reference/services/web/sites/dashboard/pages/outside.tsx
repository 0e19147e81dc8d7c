import type { ReactNode } from 'react';
import { Link } from '../router.tsx';
import { useTitle } from '../ui/parts.tsx';

/** What stands around every page before the sign-in. */
export function Outside({ title, children }: { title: string; children?: ReactNode }) {
  useTitle(title);
  return (
    <main className="center">
      <div className="card">
        <p>
          <Link to="/login" className="brand">
            Platform
          </Link>
        </p>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

export const given = (name: string): string => new URLSearchParams(location.search).get(name) ?? '';
