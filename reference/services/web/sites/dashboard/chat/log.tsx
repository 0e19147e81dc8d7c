import { type ReactNode, useEffect, useRef } from 'react';

/** What was said, newest last and in view; a screen reader tells what is added. */
export function Log({ label, empty, children }: { label: string; empty?: string | false; children?: ReactNode }) {
  const log = useRef<HTMLElement | null>(null);
  const list = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const follow = new ResizeObserver(() => log.current?.scrollTo({ top: log.current.scrollHeight }));
    follow.observe(list.current!);
    return () => follow.disconnect();
  }, []);
  return (
    <div className="log" role="log" aria-label={label} ref={log}>
      {empty && <p className="note">{empty}</p>}
      <ul ref={list}>{children}</ul>
    </div>
  );
}

interface SaidGiven {
  readonly by: string;
  readonly kind: string;
  readonly text: string;
  readonly busy?: boolean;
  readonly children?: ReactNode;
}

export const Said = ({ by, kind, text, busy, children }: SaidGiven) => (
  <li className={kind} {...(busy ? { 'aria-busy': 'true' } : {})}>
    <strong>{by}</strong>
    <p>{text}</p>
    {children}
  </li>
);
