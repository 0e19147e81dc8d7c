import { z } from 'zod';
import { hostPattern } from './hosts.ts';

/**
 * The kinds of value a key may have. Every value arrives as the text that stands in the file; each `error` completes
 * "expected …". Checks here look at one value; what concerns several keys is in `consistency.ts`.
 */
export const text = z.string({ error: 'a text' }).max(2000, { error: 'a text of at most 2000 characters' });

export const flag = z.enum(['true', 'false'], { error: 'true or false' }).transform((value) => value === 'true');

export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, { error: listed(words) });
}

export function listed(words: readonly string[]): string {
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

export function number(most: number, kind: 'whole' | 'any' = 'whole') {
  const form = kind === 'whole' ? /^\d{1,15}$/ : /^\d{1,15}(\.\d{1,6})?$/;
  const error = `a ${kind === 'whole' ? 'whole ' : ''}number from 0 to ${most}`;
  return z
    .string({ error })
    .refine((value) => form.test(value) && Number(value) <= most, { error })
    .transform(Number);
}

/** One value may stand without its brackets. */
export function list<T extends z.ZodType>(item: T) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(item, { error: 'a list' }).max(1000, { error: 'at most 1000 entries' }),
  );
}

/** A mapping: unknown keys are problems of their own, told apart by `unrecognized_keys`. */
export function section<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, { error: (issue) => (issue.code === 'invalid_type' ? 'a mapping' : undefined) });
}

export function url(schemes: readonly [string, ...string[]], what: string) {
  const error = `a ${what}`;
  return text.refine((value) => isUrl(value, schemes), { error });
}

function isUrl(value: string, schemes: readonly string[]): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s\\]+$/i.test(value) || !URL.canParse(value)) return false;
  const { protocol, hostname, port } = new URL(value);
  return schemes.includes(protocol.slice(0, -1)) && hostname !== '' && port !== '0' && hostPattern(hostname) !== null;
}

/** An address that requests are sent to: credentials in it would end in logs, and a fragment is never sent. */
function plainUrl(schemes: readonly [string, ...string[]], what: string) {
  return url(schemes, what)
    .refine((value) => withUrl(value, ({ username, password }) => username === '' && password === ''), {
      error: `a ${what} without user name and password`,
    })
    .refine((value) => withUrl(value, ({ hash }) => hash === ''), { error: `a ${what} without a #fragment` });
}

function withUrl(value: string, holds: (url: URL) => boolean): boolean {
  return !URL.canParse(value) || holds(new URL(value));
}

export const webUrl = plainUrl(['https', 'http'], 'https:// address');
export const httpOnlyUrl = plainUrl(['http'], 'plain http:// address');
export const socketUrl = plainUrl(['wss', 'ws'], 'wss:// address');
export const databaseUrl = url(['postgres', 'postgresql'], 'postgres:// address');
export const redisUrl = url(['redis', 'rediss'], 'redis:// or rediss:// address');

export const path = text.refine((value) => /^\/[^\s?#\\]*$/.test(value), { error: 'a path that begins with /' });
export const procedureName = text.refine((value) => /^\w+(\.\w+)*$/.test(value), {
  error: 'the name of a procedure, like livekit.getToken',
});
export const cookieName = text.refine((value) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value), {
  error: 'the name of a cookie',
});
export const settingName = text.refine((value) => /^\w+(\.\w+)+$/.test(value), {
  error: 'the name of a setting, like app.tenant_id',
});
export const tableName = text.refine((value) => /^[^\s.=]+\.[^\s.=]+$/.test(value), {
  error: 'a table with its schema, like public.countries',
});
export const tableColumn = text.refine((value) => /^[^\s.=]+\.[^\s.=]+=[^\s.=]+$/.test(value), {
  error: 'a table and its column, like public.orders=customer_id',
});
export const origin = webUrl.refine((value) => withUrl(value, (url) => url.origin === value.replace(/\/$/, '')), {
  error: 'an origin: scheme, host and port',
});
export const pattern = text.refine((value) => hostPattern(value) !== null, { error: 'host, host:port or *.domain' });
export const version = text.refine((value) => /^\d+(\.\d+){0,3}$/.test(value), { error: 'a version like 16.7' });
export const checkId = text.refine((value) => /^[a-z0-9]+([.-][a-z0-9]+)+$/i.test(value), {
  error: 'the id of a check, like smoke.api.health',
});
export const email = text.refine((value) => /^[^\s@]+@[^\s@]+$/.test(value), { error: 'an e-mail address' });
export const title = text.refine((value) => /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u.test(value), {
  error: 'a name of letters, digits, spaces, dots and dashes',
});
export const endpoint = text.refine(
  (value) => isUrl(value, ['https', 'http']) || hostPattern(value)?.wildcard === false,
  {
    error: 'an https:// address or host:port',
  },
);

/** `2026-03-01`, which ends as that day begins in UTC, or a full date-time with its zone. */
export const date = text.refine(isDate, { error: 'a date like 2026-03-01' });

function isDate(value: string): boolean {
  const match = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.exec(value);
  if (!match || Number.isNaN(Date.parse(value))) return false;
  // Date.parse takes 2026-02-30 for a day in March.
  return new Date(`${match[1]}T00:00:00Z`).toISOString().startsWith(match[1]!);
}
