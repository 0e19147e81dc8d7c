import {
  type AssertionVerdict,
  type CheckVerdict,
  type Distribution,
  type Report,
  type Status,
  statuses,
} from '../../verdict/types.ts';

/** Reports as a judge could have made them, by hand, so that what is rendered can be compared whole. */

export function report(checks: readonly CheckVerdict[], over: Partial<Report> = {}): Report {
  const counts = Object.fromEntries(
    statuses.map((status) => [status, checks.filter((check) => check.status === status).length]),
  ) as Record<Status, number>;
  return {
    schema: '1.0',
    run: 'r-20260102-0304-ab12',
    verdict: 'pass',
    headline: `pass: ${counts.pass} of ${checks.length} checks hold`,
    exitCode: 0,
    partial: false,
    profile: 'readiness',
    environment: 'staging',
    revision: '9f2c41d07b',
    suites: ['smoke', 'load'],
    notBuilt: [],
    skipped: [],
    startedAt: '2026-01-02T03:04:05.678Z',
    tookMs: 221_834.2178,
    complete: true,
    harness: '1.0.0',
    counts,
    checks,
    findings: [],
    residue: [],
    ours: [],
    notes: [],
    ...over,
  };
}

export const row = (name: string, status: Status, over: Partial<AssertionVerdict> = {}): AssertionVerdict => ({
  name,
  statistic: 'functional',
  status,
  expected: 'every answer as promised',
  observed: status === 'pass' ? 'every answer as promised' : 'something else',
  samples: 1,
  interval: null,
  why: status === 'pass' ? 'The only answer was as promised.' : 'The answer was not as promised.',
  ...over,
});

export const check = (id: string, status: Status, over: Partial<CheckVerdict> = {}): CheckVerdict => ({
  id,
  claim: `What ${id} promises holds`,
  status,
  assertions: [row('form', status)],
  ...over,
});

/** A lognormal latency, dealt out by its quantiles so that every machine makes the same one. */
export function latencies(
  medianMs: number,
  sigma: number,
  samples: number,
  over: Partial<Distribution> = {},
  lost = 0,
): Distribution {
  const values = Array.from(
    { length: samples },
    (_, index) => medianMs * Math.exp(sigma * normal((index + 0.5) / samples)),
  );
  const counts = new Map<number, number>();
  for (const value of values) counts.set(slot(value), (counts.get(slot(value)) ?? 0) + 1);
  const buckets = [...counts].map(([at, count]) => ({ from: edge(at), to: edge(at + 1), count }));
  const quantile = (share: number) => values[Math.ceil(share * (samples + lost)) - 1] ?? null;
  const quantiles = {
    p50: quantile(0.5),
    p90: quantile(0.9),
    p95: quantile(0.95),
    p99: quantile(0.99),
    max: lost > 0 ? null : (values.at(-1) ?? null),
  };
  return { unit: 'ms', buckets, lost, quantiles, ...over };
}

const slot = (value: number): number => Math.floor(Math.log(value) / 0.05);
const edge = (at: number): number => Math.exp(at * 0.05);

/** Inverse of the normal distribution after Hastings (Abramowitz and Stegun 26.2.23), good enough to draw. */
function normal(share: number): number {
  if (share > 0.5) return -normal(1 - share);
  const t = Math.sqrt(-2 * Math.log(share));
  return -(
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)
  );
}

interface Latency {
  readonly target: string;
  readonly limitMs: number;
  readonly medianMs: number;
  readonly sigma: number;
  readonly samples: number;
  readonly intervalMs: readonly [number | null, number | null];
  readonly share: readonly [number, number];
  readonly status?: Status;
  readonly lost?: number;
  readonly why?: string;
  readonly observed?: string;
}

export function latencyRow(name: string, one: Latency): AssertionVerdict {
  const distribution = latencies(
    one.medianMs,
    one.sigma,
    one.samples,
    { limit: one.limitMs, interval: one.intervalMs },
    one.lost,
  );
  const p95 = distribution.quantiles.p95;
  return row(name, one.status ?? 'pass', {
    target: one.target,
    statistic: 'P95',
    expected: `P95 < ${one.limitMs} ms`,
    observed: one.observed ?? `P95 ${p95?.toFixed(1)} ms`,
    samples: one.samples + (one.lost ?? 0),
    interval: [one.share[0] * 100, one.share[1] * 100],
    intervalUnit: '%',
    why:
      one.why ??
      `At most ${(one.share[1] * 100).toPrecision(2)} % of all answers take ${one.limitMs} ms or longer; 5 % may.`,
    distribution,
  });
}

const smoke: readonly (readonly [string, string, string])[] = [
  [
    'smoke.api.trpc',
    'A public query answers, and bad input gets the agreed error shape',
    'query unknown-procedure bad-input batch',
  ],
  [
    'smoke.ws.connect',
    'The realtime server accepts a signed-in user, answers a ping and refuses a bad token',
    'connect ping refuses',
  ],
  ['smoke.livekit.http', 'The meeting server answers', 'answers'],
  ['smoke.livekit.token', 'A meeting token is accepted, and a forged one is not', 'accepted forged'],
  ['smoke.livekit.room', 'A room can be made, listed and deleted', 'made listed deleted'],
  ['smoke.livekit.redis', 'The meeting server runs with its Redis', 'nodes'],
  ['smoke.db.version', 'PostgreSQL is at least the expected version', 'version'],
  ['smoke.db.tables', 'At least the expected number of tables exist', 'tables'],
  ['smoke.db.policies', 'Every tenant table has policies for all four commands', 'count commands'],
  ['smoke.db.forced', 'Row-level security is enabled and forced on every tenant table', 'enabled forced'],
  ['smoke.db.vector', 'An embedding query works', 'nearest'],
  ['smoke.redis.streams', 'A stream entry is written and read back by its group', 'round-trip'],
  ['smoke.redis.persistence', 'Redis writes both an append-only file and snapshots', 'aof rdb'],
  ['smoke.web.landing', 'The landing page answers over HTTPS with every asset', 'page assets fallback cors'],
  ['smoke.web.dashboard', 'The dashboard answers over HTTPS with every asset', 'page assets fallback cors'],
  ['smoke.web.tls', 'The certificate is valid, names match and HTTP redirects to HTTPS', 'chain names days redirect'],
  ['smoke.web.headers', 'The four security headers are on every page', 'headers'],
  ['smoke.web.cache', 'Hashed assets are cached for a year, HTML is not', 'assets html'],
];

const later =
  'smoke.agent.joins smoke.agent.errors smoke.agent.config smoke.agent.plugins smoke.ops.uptime smoke.ops.alerts smoke.ops.dashboards smoke.ops.logs smoke.ops.secrets smoke.ops.backups smoke.ops.errors smoke.livekit.turn smoke.net.private'.split(
    ' ',
  );

const waivedChecks = later.map((id) =>
  check(id, 'waived', {
    without: 'not-verified',
    waiver: { reason: 'not built yet', owner: 'reference', until: '2026-04-02', expired: false },
    assertions: [
      row('form', 'not-verified', {
        needs: 'a check with a body',
        samples: 0,
        observed: 'nothing',
        why: 'Nobody looked: this check has no body yet.',
      }),
    ],
  }),
);

const smokeChecks = smoke.map(([id, claim, names]) =>
  check(id, 'pass', { claim, assertions: names.split(' ').map((name) => row(name, 'pass')) }),
);

const health = check('smoke.api.health', 'pass', {
  claim: 'The API says it is healthy, in the agreed form, within the health target',
  assertions: [
    row('form', 'pass', { samples: 240 }),
    latencyRow('latency', {
      target: 'T-health',
      limitMs: 50,
      medianMs: 6.1,
      sigma: 0.45,
      samples: 240,
      intervalMs: [10.1, 24],
      share: [0, 0.031],
    }),
  ],
});

const errors = (status: Status, over: Partial<AssertionVerdict>): AssertionVerdict =>
  row('T-errors', status, {
    target: 'T-errors',
    statistic: 'proportion',
    expected: 'errors < 0.1 %',
    intervalUnit: '%',
    ...over,
  });

const usersRows: readonly AssertionVerdict[] = [
  latencyRow('T-api', {
    target: 'T-api',
    limitMs: 200,
    medianMs: 11,
    sigma: 0.62,
    samples: 14_210,
    intervalMs: [28.9, 33],
    share: [0.0001, 0.0011],
  }),
  latencyRow('T-chat', {
    target: 'T-chat',
    limitMs: 2000,
    medianMs: 640,
    sigma: 0.3,
    samples: 1260,
    intervalMs: [1010, 1120],
    share: [0, 0.006],
  }),
  latencyRow('T-search', {
    target: 'T-search',
    limitMs: 500,
    medianMs: 28,
    sigma: 0.5,
    samples: 1260,
    intervalMs: [58, 74],
    share: [0, 0.006],
  }),
  latencyRow('T-ws-connect', {
    target: 'T-ws-connect',
    limitMs: 500,
    medianMs: 19,
    sigma: 0.55,
    samples: 1240,
    intervalMs: [42, 56],
    share: [0, 0.006],
  }),
  latencyRow('T-ws-msg', {
    target: 'T-ws-msg',
    limitMs: 100,
    medianMs: 7.2,
    sigma: 0.75,
    samples: 1310,
    intervalMs: [22, 31],
    share: [0.0004, 0.009],
  }),
  errors('pass', {
    samples: 16_204,
    observed: '1 of 16 204 (0.0062 %)',
    interval: [0.00012, 0.071],
    why: 'At most 0.071 % of all requests fail; 0.1 % may.',
  }),
];

const users = check('load.users', 'pass', {
  claim: 'A hundred people use the platform at once and every target holds',
  assertions: usersRows,
});

const bundle = check('smoke.web.bundle', 'shown', {
  claim: 'What the first view fetches stays within the bundle target',
  assertions: [
    row('compressed', 'shown', {
      target: 'T-bundle',
      statistic: 'exact',
      expected: 'no target in this profile',
      observed: '212 kB compressed, 680 kB raw',
      why: 'The profile readiness has no value for T-bundle.',
    }),
  ],
});

export const healthy = report([health, ...smokeChecks, bundle, users, ...waivedChecks], {
  headline: 'pass: 20 of 34 checks hold, 13 waived, 1 only shown; e2e and security are not built yet',
  notBuilt: ['e2e', 'security'],
  notes: [
    {
      check: 'smoke.db.version',
      what: 'relaxed floor',
      detail: 'expect.postgres is 16.14 in the environment file, 16.7 in the requirements',
    },
  ],
  ours: [
    {
      what: 'late',
      fromMs: 61_000,
      toMs: 61_900,
      detail: 'the generator sent 14 requests up to 3.1 ms late',
      spoils: false,
    },
  ],
  residue: [
    { what: 'room', id: 'shakedown-5f01', why: 'the meeting server answered 503' },
    ...Array.from({ length: 100 }, (_, index) => ({
      what: 'tenant',
      id: `13ac3312-ca9f-46c7-9812-8933${(index * 7919 + 0x27c7).toString(16).padStart(8, '0')}`,
      why: 'could not be deleted: the cleanup procedure answered 503',
    })),
  ],
});

const failing: readonly CheckVerdict[] = [
  check('smoke.web.headers', 'undecided', {
    claim: 'The four security headers are on every page',
    assertions: [
      row('headers', 'undecided', {
        observed: '3 of 6 pages looked at',
        why: 'The run stopped before every page was looked at; 3 more pages would decide.',
      }),
    ],
  }),
  check('smoke.redis.streams', 'not-verified', {
    claim: 'A stream entry is written and read back by its group',
    assertions: [
      row('round-trip', 'not-verified', {
        needs: 'redis.url',
        samples: 0,
        observed: 'nothing',
        why: 'not verified, needs redis.url',
      }),
    ],
  }),
  ...['smoke.redis.ping', 'smoke.redis.groups', 'smoke.redis.policy'].map((id) =>
    check(id, 'not-verified', {
      assertions: ['first', 'second'].map((name) =>
        row(name, 'not-verified', {
          needs: 'redis.url',
          samples: 0,
          observed: 'nothing',
          why: 'not verified, needs redis.url',
        }),
      ),
    }),
  ),
  check('smoke.web.meeting', 'fail', {
    claim: 'The meeting page answers over HTTPS with every asset',
    assertions: ['page', 'assets', 'fallback'].map((name, index) =>
      row(name, 'fail', {
        expected: `200 with the ${name}`,
        observed: 'nothing',
        samples: 3,
        why: `broken 3 of 3 times: connection refused, first ${index + 1}.2 s into the run`,
      }),
    ),
  }),
  check('smoke.web.tls', 'fail', {
    claim: 'The certificate is valid, names match and HTTP redirects to HTTPS',
    assertions: [
      row('chain', 'pass'),
      row('days', 'fail', {
        expected: 'at least 14 days left',
        observed: '6 days left (until 2026-01-08)',
        why: 'The certificate of dashboard.staging.example ends in 6 days; 14 are asked for.',
      }),
    ],
    waiver: { reason: 'renewal is on its way', owner: 'platform team', until: '2025-12-20', expired: true },
  }),
  check('load.users', 'fail', {
    claim: 'A hundred people use the platform at once and every target holds',
    assertions: [
      latencyRow('T-api', {
        target: 'T-api',
        limitMs: 200,
        medianMs: 74,
        sigma: 0.9,
        samples: 13_880,
        lost: 412,
        intervalMs: [352, null],
        share: [0.118, 0.171],
        status: 'fail',
        why: 'At least 11.8 % of all answers take 200 ms or longer, or never came; 5 % may.',
      }),
      latencyRow('T-chat', {
        target: 'T-chat',
        limitMs: 2000,
        medianMs: 1100,
        sigma: 0.35,
        samples: 1260,
        intervalMs: [1880, 2140],
        share: [0.031, 0.072],
        status: 'undecided',
        why: '3.1 % to 7.2 % take 2 s or longer and 5 % may; some 9 400 more samples would decide at the observed share.',
      }),
      latencyRow('T-search', {
        target: 'T-search',
        limitMs: 500,
        medianMs: 28,
        sigma: 0.5,
        samples: 1260,
        intervalMs: [58, 74],
        share: [0, 0.006],
      }),
      latencyRow('T-ws-msg', {
        target: 'T-ws-msg',
        limitMs: 100,
        medianMs: 7.2,
        sigma: 0.75,
        samples: 0,
        lost: 1310,
        intervalMs: [null, null],
        share: [0.98, 1],
        status: 'fail',
        observed: 'P95 lost (1 310 of 1 310 never arrived)',
        why: 'No message arrived at its receiver.',
      }),
      errors('fail', {
        samples: 16_204,
        observed: '412 of 16 204 (2.5 %)',
        interval: [2.1, 3],
        why: 'At least 2.1 % of all requests fail; 0.1 % may.',
      }),
    ],
  }),
];

const replaced = new Set(failing.map((one) => one.id));

export const broken = report(
  [
    health,
    ...smokeChecks.filter((one) => !replaced.has(one.id)),
    ...failing,
    check('smoke.web.widget', 'excluded', {
      assertions: [row('page', 'excluded', { samples: 0, why: 'parts.widget: false in the environment file' })],
    }),
    check('smoke.web.gzip', 'invalid', {
      assertions: [
        row('compressed', 'invalid', { why: 'The clock of this machine jumped by 4 s while it was measured.' }),
      ],
    }),
    ...waivedChecks,
  ],
  {
    verdict: 'fail',
    exitCode: 1,
    headline:
      'fail: 16 of 39 checks hold, 3 fail, 1 invalid, 1 undecided, 4 not verified, 13 waived, 1 excluded; security skipped: the outcome was settled by smoke',
    skipped: [{ suite: 'security', why: 'the outcome was settled by smoke' }],
    findings: [
      {
        check: 'smoke.web.tls',
        severity: 'high',
        where: 'dashboard.staging.example:443',
        what: 'the certificate ends within two weeks',
        reproduce: 'openssl s_client -connect dashboard.staging.example:443',
        fix: 'renew it, and watch its end by an alert',
        asvs: ['12.1.1'],
      },
    ],
    ours: [
      {
        what: 'clock-jump',
        check: 'smoke.web.gzip',
        fromMs: 40_100,
        toMs: 44_200,
        detail: 'the wall clock went forward by 4 s',
        spoils: true,
      },
      ...Array.from({ length: 14 }, (_, index) => ({
        what: 'generator-starved' as const,
        check: 'load.users',
        fromMs: 60_000 + index * 8000,
        toMs: 61_000 + index * 8000,
        detail: `the load generator was kept from running for ${400 + index * 3} ms of 1000 ms`,
        spoils: false,
      })),
    ],
  },
);

const evil =
  '<script>alert(1)</script>"\'&<img src=x onerror=alert(1)> ]]> --> `code` [link](javascript:alert(1)) | cell | @everyone https://evil.example www.evil.example';
const controls =
  'bell \u0007 escape \u001b[31mred\u001b[0m null \u0000 delete \u007f c1 \u009b31m bidi \u202egnp.exe\u202c zero\u200bwidth lone \ud800 end\r\nnext line\ttab \ufffe';

export const hostile = report(
  [
    check('smoke.api.health', 'fail', {
      claim: evil,
      assertions: [
        row(evil, 'fail', {
          expected: evil,
          observed: controls,
          why: `${evil} ${controls}`,
          needs: evil,
          target: evil,
        }),
      ],
    }),
    check('smoke.api.trpc', 'fail', {
      assertions: [row('long', 'fail', { why: `${'It went wrong again and again. '.repeat(400)}${'x'.repeat(3000)}` })],
    }),
    check(evil, 'waived', {
      without: 'fail',
      assertions: [row('form', 'fail')],
      waiver: { reason: evil, owner: controls, until: evil, expired: false },
    }),
    check('smoke.web.tls', 'excluded', { assertions: [] }),
    check('smoke.web.cache', 'pass', {
      claim: '日本語の約束 é 👩‍👩‍👧 ✓',
      assertions: [row('wide', 'pass', { why: controls })],
    }),
  ],
  {
    verdict: 'fail',
    exitCode: 1,
    headline: `fail: ${evil} ${controls}`,
    environment: evil,
    profile: evil,
    revision: controls,
    run: evil,
    harness: evil,
    startedAt: evil,
    suites: ['smoke', evil],
    notBuilt: [evil],
    skipped: [{ suite: evil, why: controls }],
    findings: [
      {
        check: 'smoke.api.health',
        severity: 'critical',
        where: evil,
        what: controls,
        reproduce: evil,
        fix: evil,
        asvs: [evil],
      },
    ],
    residue: [{ what: evil, id: controls, why: evil }],
    ours: [{ what: 'killed', fromMs: 0, toMs: 1e9, detail: evil, spoils: true }],
    notes: [{ what: evil, detail: controls }],
  },
);

const none: Distribution = {
  unit: 'ms',
  buckets: [],
  lost: 0,
  quantiles: { p50: null, p90: null, p95: null, p99: null, max: null },
  limit: 50,
};

export const empty = report([], {
  verdict: 'undecided',
  exitCode: 2,
  headline: 'undecided: nothing was judged',
  revision: null,
  suites: ['smoke'],
});

export const unfinished = report(
  [
    check('smoke.api.health', 'undecided', {
      assertions: [
        row('latency', 'undecided', {
          target: 'T-health',
          statistic: 'P95',
          samples: 0,
          observed: 'nothing',
          expected: 'P95 < 50 ms',
          interval: [0, 100],
          intervalUnit: '%',
          why: 'No sample; 158 clean ones would decide.',
          distribution: none,
        }),
      ],
    }),
  ],
  {
    verdict: 'undecided',
    exitCode: 2,
    partial: true,
    complete: false,
    headline: 'partial: undecided, 1 of 161 checks, 0 hold, 1 undecided; the run did not end',
  },
);

/** As many checks as all suites together will have, two rows each, to hold the size of the page. */
export const large = report(
  Array.from({ length: 170 }, (_, index) =>
    check(`smoke.area${index % 12}.promise${index}`, 'pass', {
      claim: 'A sentence of the length that a release manager would sign stands here for the claim',
      assertions: [
        row('form', 'pass', { why: 'Each of the 12 answers had the agreed form, and none came late or twice.' }),
        index % 10 === 0
          ? latencyRow('latency', {
              target: 'T-api',
              limitMs: 200,
              medianMs: 11 + index,
              sigma: 0.62,
              samples: 2000,
              intervalMs: [28, 33],
              share: [0, 0.001],
            })
          : row('refuses', 'pass', { why: 'Each of the 4 bad requests was refused with the agreed error.' }),
      ],
    }),
  ),
);

export const all: Readonly<Record<string, Report>> = { healthy, broken, hostile, empty, unfinished };
