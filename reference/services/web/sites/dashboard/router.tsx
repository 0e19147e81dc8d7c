import { type ReactNode, useSyncExternalStore } from 'react';

/** The address bar is the one place that knows where one is, so a reload or a shared link leads to the same page. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

export function go(path: string, how: 'push' | 'replace' = 'push'): void {
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
  if (how === 'push') scrollTo(0, 0);
}

export function Link({ to, children, ...rest }: { to: string; children?: ReactNode; [attribute: string]: unknown }) {
  return (
    <a
      href={to}
      {...rest}
      onClick={(event) => {
        // A new tab, a new window or a download is the browser's business.
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

function subscribe(changed: () => void): () => void {
  addEventListener('popstate', changed);
  return () => removeEventListener('popstate', changed);
}
