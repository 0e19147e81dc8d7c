import { type ReactNode, useEffect, useRef } from 'react';

/** What was said, newest last and in view; a screen reader tells what is added. */
export function Log({ label, follow, children }: { label: string; follow: readonly unknown[]; children?: ReactNode }) {
  const list = useRef<HTMLElement | null>(null);
  // The caller says what makes it longer.
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, follow);
  return (
    <div className="log" role="log" aria-label={label} ref={list}>
      <ul>{children}</ul>
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
