import { settings, user, users } from 'k6/x/shakedown';

/** What Node prepared; `suites/load/script.ts` is the other side of this. */
export interface Given {
  readonly options: Record<string, unknown>;
  readonly endsAfterMs: number;
  readonly timeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly api: {
    readonly url: string;
    readonly trpc: string;
    readonly sessionCookies: readonly string[];
    readonly csrf: boolean;
    readonly headers: Record<string, string>;
  };
  readonly realtime: {
    readonly urls: readonly string[];
    readonly cookies: readonly string[];
    readonly origin: string | null;
  } | null;
  readonly meetings: { readonly url: string; readonly procedure: string | null } | null;
  readonly kinds: readonly Kind[];
  readonly present: readonly { readonly kind: Kind; readonly lengthMs: number }[];
  readonly lengthsMs: Readonly<Record<Kind, number>>;
  readonly pairs: {
    readonly perSecond: number;
    readonly atOnce: number;
    readonly leadMs: number;
    readonly slots: number;
  };
}

export type Kind = 'reader' | 'asker' | 'talker' | 'meeter';

export interface Person {
  readonly index: number;
  /** In every mark of this run. */
  readonly run: string;
  readonly email: string;
  readonly password: string;
  /** The session made before the run. */
  readonly session: Session;
  /** A chat session of this person. */
  readonly room: string;
  /** The other one of the same tenant; the person itself where there is none. */
  readonly partner: number;
  /** A text that only this tenant's knowledge holds, with the mark in it; null: nothing could be uploaded. */
  readonly knowledge: { readonly text: string; readonly mark: string } | null;
  readonly meetingToken: string | null;
}

export interface Session {
  readonly token: string;
  readonly headers: Record<string, string>;
}

export const given = JSON.parse(settings()) as Given;

const known = new Map<number, Person>();

/** Whose turn it is: everybody gets one before anybody gets a second. */
export function person(turn: number): Person {
  const index = turn % users();
  const met = known.get(index) ?? (JSON.parse(user(index)) as Person);
  known.set(index, met);
  return met;
}
