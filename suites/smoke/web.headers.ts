import { onEverySite } from '../pages.ts';

interface Rule {
  readonly assertion: string;
  readonly expected: string;
  readonly holds: (headers: Headers) => boolean;
  readonly shown: (headers: Headers) => string;
}

const say =
  (name: string) =>
  (headers: Headers): string =>
    `${name}: ${headers.get(name) ?? '(missing)'}`;

const rules: readonly Rule[] = [
  {
    assertion: 'framing',
    expected: 'X-Frame-Options DENY or SAMEORIGIN, or a CSP that limits frame-ancestors',
    // Where a policy says who may frame the page, browsers no longer look at X-Frame-Options.
    holds: (headers) =>
      limitsFraming(headers) ?? everyOne(headers, 'x-frame-options', (value) => /^(deny|sameorigin)$/i.test(value)),
    shown: (headers) => {
      const ancestors = ancestorsOf(headers).map((one) => `, Content-Security-Policy: frame-ancestors ${one}`);
      return `${say('X-Frame-Options')(headers)}${ancestors.join('')}`;
    },
  },
  {
    assertion: 'sniffing',
    expected: 'X-Content-Type-Options nosniff',
    holds: (headers) => everyOne(headers, 'x-content-type-options', (value) => value.toLowerCase() === 'nosniff'),
    shown: say('X-Content-Type-Options'),
  },
  {
    assertion: 'referrer',
    expected: 'a Referrer-Policy that keeps paths from other sites',
    holds: (headers) => keepsPaths(headers.get('referrer-policy') ?? ''),
    shown: say('Referrer-Policy'),
  },
  {
    assertion: 'xss',
    expected: 'X-XSS-Protection 0 or 1; mode=block',
    // Without mode=block the filter edits pages, which was itself used for attacks.
    holds: (headers) =>
      everyOne(headers, 'x-xss-protection', (value) => /^(0|1\s*;\s*mode=block)\s*(;|$)/i.test(value)),
    shown: say('X-XSS-Protection'),
  },
];

export default onEverySite(
  rules.map(({ assertion }) => assertion),
  async (context, _http, { name }, { answer }) => {
    for (const { assertion, expected, holds, shown } of rules) {
      const observed = shown(answer.headers);
      if (holds(answer.headers)) context.holds(assertion, { expected, observed: `${name} ${observed}` });
      else context.breaks(assertion, `${name} sends ${observed}`, { expected, observed });
    }
  },
);

/** A proxy that adds what the server behind it sends already makes a list of one header; no member of it may be lax. */
function everyOne(headers: Headers, name: string, isGood: (value: string) => boolean): boolean {
  const values = (headers.get(name) ?? '').split(',').map((value) => value.trim());
  return values.every(isGood);
}

/** The source lists of each policy that names who may frame the page. */
const ancestorsOf = (headers: Headers): readonly string[] =>
  (headers.get('content-security-policy') ?? '')
    .split(',')
    .flatMap((policy) => /(?:^|;)\s*frame-ancestors(?:\s+([^;]*)|\s*(?:;|$))/i.exec(policy)?.slice(1, 2) ?? [])
    .map((sources) => sources?.trim() ?? '');

/** null where no policy speaks of it; of several all must be kept to, so one that limits is enough. */
function limitsFraming(headers: Headers): boolean | null {
  const ancestors = ancestorsOf(headers);
  const isOpen = (sources: string): boolean => sources.split(/\s+/).some((source) => anywhere.test(source));
  return ancestors.length === 0 ? null : !ancestors.every(isOpen);
}

const anywhere = /^(\*|https?:|https?:\/\/\*(:\*)?)$/i;

const safePolicies = [
  'no-referrer',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
];

/** Of a list the last policy a browser knows counts. */
const keepsPaths = (policy: string): boolean =>
  safePolicies.includes(policy.toLowerCase().split(',').at(-1)?.trim() ?? '');
