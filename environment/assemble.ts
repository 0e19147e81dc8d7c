import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Document } from './document.ts';
import type { Problem } from './problems.ts';
import { secretsOf } from './secrets.ts';
import type { FileContent } from './shape.ts';
import { type Environment, type Part, parts } from './types.ts';

export const defaults = {
  budget: { requests: 20_000, aiMessages: 200, usd: 1 },
  timeoutMs: 5_000,
  trpcPath: '/trpc',
  healthPath: '/health',
  publicQuery: 'assetClasses.list',
  sessionCookies: [
    'authjs.session-token',
    '__Secure-authjs.session-token',
    '__Host-authjs.session-token',
    'next-auth.session-token',
    '__Secure-next-auth.session-token',
    '__Host-next-auth.session-token',
  ],
  agentVariables: ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY'],
  identityProviders: ['google', 'microsoft-entra-id'],
  expect: { tables: 28, policies: 76, postgres: '16.7', redis: '7.4.2', migrations: 12 },
} as const;

interface Assembled {
  readonly environment: Environment;
  readonly problems: readonly Problem[];
}

/** Fills the defaults in. The only problems left to find are those of files the environment file points at. */
export function assemble(content: FileContent, document: Document, file: string): Assembled {
  const near = (path: string): string => resolve(dirname(file), path);
  const caPath = content.tls?.ca === undefined ? null : near(content.tls.ca);
  const ca: Certificates = caPath === null ? { pem: null } : readCertificates(caPath);
  const environment: Environment = {
    file,
    name: content.name,
    kind: content.kind,
    revision: content.revision ?? null,
    allow: content.allow ?? [],
    addresses: content.addresses ?? [],
    budget: { ...defaults.budget, ...content.budget },
    timeoutMs: content.timeoutMs ?? defaults.timeoutMs,
    tls: { ca: ca.pem, caPath, allowPlain: content.tls?.allowPlain ?? false },
    parts: existing(content),
    ...addresses(content),
    ...access(content),
    ...standIns(content),
    agent: content.agent
      ? {
          url: content.agent.url ? withoutSlash(content.agent.url) : null,
          environment: content.agent.environment === undefined ? null : near(content.agent.environment),
          variables: content.agent.variables ?? defaults.agentVariables,
          voice: content.agent.voice ?? null,
        }
      : null,
    logs: (content.logs ?? []).map(({ service, file: log }) => ({ service, file: near(log) })),
    watch: watched(content, near),
    expect: expectations(content),
    waivers: content.waivers ?? [],
    secrets: secretsOf(content, document.used),
  };
  return { environment, problems: ca.found !== undefined ? [caProblem(document, ca.found)] : [] };
}

function existing(content: FileContent): Environment['parts'] {
  const said = content.parts as Partial<Record<Part, boolean>> | undefined;
  return Object.fromEntries(parts.map((part) => [part, said?.[part] ?? true])) as Record<Part, boolean>;
}

function addresses(content: FileContent): Pick<Environment, 'api' | 'realtime' | 'meetings' | 'web'> {
  const { api, realtime, meetings, web } = content;
  const sessionCookies = api?.sessionCookies ?? defaults.sessionCookies;
  const dashboard = web?.dashboard ?? null;
  return {
    api: api
      ? {
          url: withoutSlash(api.url),
          trpcPath: withoutSlash(api.trpcPath ?? defaults.trpcPath),
          healthPath: api.healthPath ?? defaults.healthPath,
          publicQuery: api.publicQuery ?? defaults.publicQuery,
          login: api.login ?? 'authjs',
          sessionCookies,
          csrf: api.csrf ?? 'header',
        }
      : null,
    realtime: realtime
      ? {
          urls: realtime.urls,
          cookies: realtime.cookie === undefined ? sessionCookies : [realtime.cookie],
          origin: withoutSlash(realtime.origin ?? '') || (dashboard && new URL(dashboard).origin),
        }
      : null,
    meetings: meetings
      ? {
          url: withoutSlash(meetings.url),
          urls: meetings.urls ?? [],
          tokens: tokens(meetings.tokens),
          redis: redisAt(meetings.redis?.url),
        }
      : null,
    web: {
      landing: web?.landing ?? null,
      dashboard,
      meeting: web?.meeting ?? null,
      widget: web?.widget ?? null,
      plain: web?.plain ?? [],
    },
  };
}

type Meetings = NonNullable<Environment['meetings']>;

function tokens(given: NonNullable<FileContent['meetings']>['tokens']): Meetings['tokens'] {
  if (given?.mint) return { mint: given.mint };
  return given?.procedure ? { procedure: given.procedure } : null;
}

function access(content: FileContent): Pick<Environment, 'accounts' | 'database' | 'isolation' | 'redis' | 'cloud'> {
  const { accounts, database, isolation, redis, cloud } = content;
  return {
    accounts: accounts
      ? {
          create: accounts.create ?? false,
          cleanup: accounts.cleanup ?? (database?.serviceUrl ? 'database' : 'none'),
          cleanupProcedure: accounts.cleanupProcedure ?? null,
          given: accounts.given ?? [],
        }
      : null,
    database: {
      appUrl: database?.appUrl ?? null,
      serviceUrl: database?.serviceUrl ?? null,
      adminUrl: database?.adminUrl ?? null,
      poolerUrl: database?.poolerUrl ?? null,
    },
    isolation: {
      setting: isolation?.setting ?? null,
      tenantKeys: Object.fromEntries((isolation?.tenantKeys ?? []).map((pair) => pair.split('=') as [string, string])),
      shared: isolation?.shared ?? [],
    },
    redis: redisAt(redis?.url),
    cloud: cloud
      ? {
          project: cloud.project,
          apiEndpoint: cloud.apiEndpoint ?? null,
          run: cloud.run ?? [],
          sql: cloud.sql ?? null,
          redis: cloud.redis ?? null,
        }
      : null,
  };
}

function standIns(content: FileContent): Pick<Environment, 'outbox' | 'identity' | 'clock' | 'surveys' | 'models'> {
  const { outbox, identity, clock, surveys, models } = content;
  const door = (given: typeof outbox) => (given ? { url: given.url, token: given.token ?? null } : null);
  return {
    outbox: door(outbox),
    identity: identity ? { url: identity.url, providers: identity.providers ?? defaults.identityProviders } : null,
    clock: door(clock),
    surveys: surveys ?? null,
    models: models ?? null,
  };
}

function watched({ watch }: FileContent, near: (path: string) => string): Environment['watch'] {
  const file = (path: string | undefined) => (path === undefined ? null : near(path));
  return {
    processes: (watch?.processes ?? []).map(({ service, pid, pidFile, cgroup, memoryBytes, cpuCores }) => ({
      service,
      pid: pid ?? null,
      pidFile: file(pidFile),
      cgroup: file(cgroup),
      memoryBytes: memoryBytes ?? null,
      cpuCores: cpuCores ?? null,
    })),
    metrics: (watch?.metrics ?? []).map(({ service, url, cpuCores }) => ({ service, url, cpuCores: cpuCores ?? null })),
    alerts: file(watch?.alerts),
    alertRules: watch?.alertRules ?? {},
    diskBytes: watch?.diskBytes ?? null,
  };
}

/** `redis: { url: "${REDIS_URL:-}" }` with nothing set is access that was not granted. */
function redisAt(url: string | undefined): Environment['redis'] {
  return url === undefined ? null : { url };
}

function expectations({ expect = {} }: FileContent): Environment['expect'] {
  const { seed, ...said } = expect;
  const relaxed = Object.entries(defaults.expect).flatMap(([key, usual]) => {
    const value = said[key as keyof typeof said];
    return value !== undefined && isLower(value, usual) ? [`${key}: ${usual} → ${value}`] : [];
  });
  const asked = seed ? { tenants: seed.tenants ?? [], users: seed.users ?? [] } : null;
  return { ...defaults.expect, ...said, seed: asked, relaxed };
}

/** 7.0.15 is lower than 7.4.2, and 16.10 higher than 16.7. */
function isLower(value: string | number, than: string | number): boolean {
  const [a, b] = [value, than].map((version) => String(version).split('.').map(Number)) as [number[], number[]];
  const first = Array.from({ length: 4 }, (_, index) => (a[index] ?? 0) - (b[index] ?? 0)).find((step) => step !== 0);
  return (first ?? 0) < 0;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

interface Certificates {
  readonly pem: string | null;
  /** What was found instead of certificates. */
  readonly found?: string;
}

function readCertificates(path: string): Certificates {
  try {
    const pem = readFileSync(path, 'utf8');
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
    if (!blocks) return { pem: null, found: 'a file without a PEM certificate' };
    for (const block of blocks) new X509Certificate(block);
    return { pem };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    return {
      pem: null,
      found: /^E[A-Z]+$/.test(code) ? `a file that cannot be read (${code})` : 'a certificate that cannot be parsed',
    };
  }
}

function caProblem(document: Document, found: string): Problem {
  const line = document.lineOf(['tls', 'ca']);
  return { path: 'tls.ca', ...(line === undefined ? {} : { line }), expected: 'a file of PEM certificates', found };
}
