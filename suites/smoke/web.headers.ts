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
    holds: (headers) =>
      /^(deny|sameorigin)$/i.test(headers.get('x-frame-options')?.trim() ?? '') || limitsFraming(headers),
    shown: say('X-Frame-Options'),
  },
  {
    assertion: 'sniffing',
    expected: 'X-Content-Type-Options nosniff',
    holds: (headers) => headers.get('x-content-type-options')?.trim().toLowerCase() === 'nosniff',
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
    holds: (headers) => /^(0|1\s*;\s*mode=block)\s*(;|$)/i.test(headers.get('x-xss-protection')?.trim() ?? ''),
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

function limitsFraming(headers: Headers): boolean {
  const directive = /(?:^|[;,])\s*frame-ancestors\s+([^;,]*)/i.exec(headers.get('content-security-policy') ?? '');
  return (
    directive !== null && !directive[1]!.split(/\s+/).some((source) => /^(\*|https?:|https?:\/\/\*)$/i.test(source))
  );
}

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
