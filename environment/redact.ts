import { secretForms } from './secret-forms.ts';

export interface Redactor {
  text(value: string): string;
  /** The same shape with every text in it redacted; entries, errors' details, whole reports. */
  value<T>(value: T): T;
}

const redacted = '[redacted]';

/** Takes the given secrets out of anything that is about to be written, and whatever looks like a credential beside them. */
export function redactor(secrets: readonly string[]): Redactor {
  const known = knownSecrets(secrets);
  const text = (value: string): string => {
    if (value.length < 4) return value;
    return withoutCredentials(known === null ? value : value.replace(known, redacted));
  };
  return { text, value: (value) => mapTexts(value, text) };
}

function knownSecrets(secrets: readonly string[]): RegExp | null {
  const forms = [...new Set(secrets.flatMap(secretForms).map(({ text }) => text))];
  // Longest first, or a secret that begins another one would leave the rest of it standing.
  const longestFirst = forms.sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return forms.length === 0 ? null : new RegExp(longestFirst.map(escaped).join('|'), 'g');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

const worthALook = /eyJ|bearer|basic|token|passw|secret|api.?key|:\/\//i;

/**
 * Pages of the deployment come through here, so no pattern may take long over a hostile text: every repetition that could begin
 * again at each character is bounded. Each keeps what tells a reader which credential stood there.
 */
const credentials: readonly (readonly [RegExp, string])[] = [
  // JSON Web Tokens
  [/\beyJ[\w-]{4,1000}\.[\w-]{4,4000}\.[\w-]{0,1000}/g, redacted],
  [/\b(bearer|basic)(\s{1,9}|%20)(?=[\w.~+/=-]{0,200}[\d=])[\w.~+/=-]{12,}/gi, `$1$2${redacted}`],
  [/((?:session|csrf)-token(?:=|%3D))[^;\s"'\\,&]+/gi, `$1${redacted}`],
  [
    /(\b(?:password|passwd|pwd|secret|client_secret|api_?key|(?:access|refresh|id|session)_?token|token)=)[^\s&;"'\\,)]+/gi,
    `$1${redacted}`,
  ],
  [
    /(\\{0,8}["'](?:password|passwd|secret|clientSecret|client_secret|apiKey|api_key|apiSecret|(?:access|refresh|id|session|csrf)_?token|token)\\{0,8}["']\s{0,9}:\s{0,9}\\{0,8}")[^"\\]+/gi,
    `$1${redacted}`,
  ],
  // user:password@ in an address
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'<>]{0,200}:)[^\s/@"'<>]{1,500}@/gi, `$1${redacted}@`],
];

function withoutCredentials(value: string): string {
  if (!worthALook.test(value)) return value;
  return credentials.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), value);
}

function mapTexts<T>(value: T, text: (value: string) => string): T {
  if (typeof value === 'string') return text(value) as T;
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, text)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [text(key), mapTexts(item, text)]);
  return Object.fromEntries(entries) as T;
}
