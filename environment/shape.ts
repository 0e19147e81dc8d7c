import type { z } from 'zod';
import * as field from './fields.ts';
import { parts } from './types.ts';

const { flag, list, number, oneOf, section, text } = field;

export const kinds = ['disposable', 'staging', 'production'] as const;
export const allowable = ['smoke', 'e2e', 'load', 'soak', 'security', 'stress', 'drills'] as const;

const api = section({
  url: field.webUrl,
  trpcPath: field.path.optional(),
  healthPath: field.path.optional(),
  publicQuery: field.procedureName.optional(),
  login: oneOf(['authjs']).optional(),
  sessionCookies: list(field.cookieName).optional(),
  csrf: oneOf(['header', 'none']).optional(),
});

const realtime = section({
  urls: list(field.socketUrl),
  cookie: field.cookieName.optional(),
  origin: field.origin.optional(),
});

const meetings = section({
  url: field.socketUrl,
  urls: list(field.socketUrl).optional(),
  tokens: section({
    mint: section({ key: text, secret: text }).optional(),
    procedure: field.procedureName.optional(),
  }).optional(),
  redis: section({ url: field.redisUrl.optional() }).optional(),
});

const web = section({
  landing: field.webUrl.optional(),
  dashboard: field.webUrl.optional(),
  meeting: field.webUrl.optional(),
  widget: field.webUrl.optional(),
  plain: list(field.httpOnlyUrl).optional(),
});

const givenAccount = section({
  tenant: text,
  role: oneOf(['owner', 'admin', 'member']),
  email: field.email,
  password: text,
});

const accounts = section({
  create: flag.optional(),
  cleanup: oneOf(['database', 'procedure', 'none']).optional(),
  cleanupProcedure: field.procedureName.optional(),
  given: list(givenAccount).optional(),
});

const expect = section({
  tables: number(100_000).optional(),
  policies: number(1_000_000).optional(),
  postgres: field.version.optional(),
  redis: field.version.optional(),
  migrations: number(100_000).optional(),
  seed: section({ tenants: list(text).optional(), users: list(field.email).optional() }).optional(),
});

const watch = section({
  processes: list(
    section({
      service: text,
      pid: number(4_194_304).optional(),
      pidFile: text.optional(),
      cgroup: text.optional(),
      memoryBytes: number(1e15).optional(),
      cpuCores: number(10_000, 'any').optional(),
    }),
  ).optional(),
  metrics: list(section({ service: text, url: field.webUrl, cpuCores: number(10_000, 'any').optional() })).optional(),
  alerts: text.optional(),
  alertRules: section({
    'api.errors': text.optional(),
    'database.connections': text.optional(),
    'redis.exhausted': text.optional(),
    'livekit.down': text.optional(),
    'api.latency': text.optional(),
    'database.disk': text.optional(),
    'redis.memory': text.optional(),
    'realtime.connections': text.optional(),
  }).optional(),
  diskBytes: number(1e15).optional(),
});

/** The whole environment file; the keys of `docs/environment-file.md` are held against it by a test. */
export const shape = section({
  name: field.title,
  kind: oneOf(kinds),
  revision: text.optional(),
  allow: list(oneOf(allowable)).optional(),
  addresses: list(field.pattern).optional(),
  budget: section({
    requests: number(1_000_000_000).optional(),
    aiMessages: number(10_000_000).optional(),
    usd: number(100_000, 'any').optional(),
  }).optional(),
  timeoutMs: number(600_000)
    .refine((value) => value >= 1, { error: 'at least 1' })
    .optional(),
  tls: section({ ca: text.optional(), allowPlain: flag.optional() }).optional(),
  parts: section(Object.fromEntries(parts.map((part) => [part, flag.optional()]))).optional(),
  api: api.optional(),
  realtime: realtime.optional(),
  meetings: meetings.optional(),
  web: web.optional(),
  accounts: accounts.optional(),
  database: section({
    appUrl: field.databaseUrl.optional(),
    serviceUrl: field.databaseUrl.optional(),
    adminUrl: field.databaseUrl.optional(),
    poolerUrl: field.databaseUrl.optional(),
  }).optional(),
  isolation: section({
    setting: field.settingName.optional(),
    tenantKeys: list(field.tableColumn).optional(),
    shared: list(field.tableName).optional(),
  }).optional(),
  redis: section({ url: field.redisUrl.optional() }).optional(),
  outbox: section({ url: field.webUrl, token: text.optional() }).optional(),
  identity: section({ url: field.webUrl, providers: list(text).optional() }).optional(),
  clock: section({ url: field.webUrl, token: text.optional() }).optional(),
  surveys: section({ fallbackSeconds: list(number(86_400)) }).optional(),
  models: section({ failingPrompt: text }).optional(),
  cloud: section({
    project: text,
    apiEndpoint: field.endpoint.optional(),
    run: list(text).optional(),
    sql: text.optional(),
    redis: text.optional(),
  }).optional(),
  watch: watch.optional(),
  agent: section({
    url: field.webUrl.optional(),
    environment: text.optional(),
    variables: list(text).optional(),
    voice: oneOf(['tones']).optional(),
  }).optional(),
  logs: list(section({ service: text, file: text })).optional(),
  expect: expect.optional(),
  waivers: list(section({ check: field.checkId, reason: text, owner: text, until: field.date })).optional(),
});

export type FileContent = z.infer<typeof shape>;
