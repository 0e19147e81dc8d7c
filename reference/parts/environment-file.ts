import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { migrations } from '../database/migrate.ts';
import { appUrl, databaseUrl, pooledUrl } from '../database/provision.ts';
import { seedTenant, seedUsers } from '../database/seed.ts';
import { nodeServices, type Plan } from '../plan.ts';
import { certificateFiles } from './certificates.ts';
import { logFile, processFile } from './processes.ts';
import { redisUrl } from './redis.ts';
import {
  agentSettings,
  agentUrl,
  controlUrl,
  failingPrompt,
  fallbackSeconds,
  identityUrl,
  livekitUrl,
  origin,
  outboxUrl,
  plainOrigin,
} from './services.ts';

export const environmentFile = (directory: string) => join(directory, 'environment.yaml');

export function writeEnvironmentFile(plan: Plan): void {
  const text = `# Written by the reference deployment for itself; it is gone when the deployment is.\n${stringify(describe(plan), { lineWidth: 0 })}`;
  writeFileSync(environmentFile(plan.directory), text, { mode: 0o600 });
}

function describe(plan: Plan) {
  const { ports, passwords, directory } = plan;
  return {
    name: 'reference',
    kind: 'disposable',
    revision: plan.revision,
    allow: ['e2e', 'load', 'soak', 'security', 'stress', 'drills'],
    budget: { requests: 400_000, aiMessages: 20_000, usd: 5 },
    tls: { ca: certificateFiles(directory).ca },
    parts: partsOf(plan),
    api: {
      url: `http://localhost:${ports.api}`,
      login: 'authjs',
      sessionCookies: ['authjs.session-token'],
      csrf: 'header',
    },
    realtime: {
      urls: [`ws://localhost:${ports['realtime-1']}/ws`, `ws://localhost:${ports['realtime-2']}/ws`],
      cookie: 'authjs.session-token',
    },
    meetings: {
      url: livekitUrl(plan),
      tokens: { mint: { key: plan.livekit.apiKey, secret: plan.livekit.apiSecret } },
      redis: { url: redisUrl(plan) },
    },
    web: describeWeb(plan),
    accounts: { create: true, cleanup: 'database' },
    database: {
      appUrl: appUrl(plan),
      serviceUrl: databaseUrl('platform_service', passwords.service, ports.postgres!),
      adminUrl: databaseUrl('postgres', passwords.superuser, ports.postgres!),
      ...(plan.parts.includes('pgbouncer') && { poolerUrl: pooledUrl(plan) }),
    },
    redis: { url: redisUrl(plan) },
    outbox: { url: outboxUrl(plan), token: plan.outboxToken },
    identity: { url: identityUrl(plan), providers: ['google', 'microsoft-entra-id'] },
    clock: { url: `${controlUrl(plan, 'api')}/clock`, token: plan.clockToken },
    agent: { url: agentUrl(plan), environment: agentSettings(directory), voice: 'tones' },
    surveys: { fallbackSeconds: [...fallbackSeconds] },
    models: { failingPrompt },
    watch: {
      // Declared, as whoever runs it would; nothing here ends a process that uses more.
      processes: watched(plan).map((service) => ({
        service,
        pidFile: processFile(directory, service),
        memoryBytes: 2 ** 30,
        cpuCores: 2,
      })),
      metrics: plan.parts.includes('livekit')
        ? [{ service: 'livekit', url: `http://127.0.0.1:${ports.livekitMetrics}/metrics` }]
        : [],
      alerts: join(directory, 'alerts.ndjson'),
      // The database may have so much of a disk that belongs to others as well.
      diskBytes: 2 ** 30,
    },
    logs: ([...nodeServices, 'livekit'] as const).map((service) => ({ service, file: logFile(directory, service) })),
    // The version floors are those of the parts that ship with the reference.
    expect: {
      postgres: '16.14',
      redis: '7.0.15',
      migrations: migrations().length,
      seed: { tenants: [seedTenant], users: seedUsers.map(({ email }) => email) },
    },
    waivers: planned.map((check) => ({
      check,
      reason: 'planned; no body yet',
      owner: 'reference',
      until: ninetyDaysAfter(plan.bootedAt),
    })),
  };
}

function describeWeb(plan: Plan) {
  return {
    landing: `${origin(plan, 'landing')}/`,
    dashboard: `${origin(plan, 'dashboard')}/`,
    meeting: `${origin(plan, 'meeting')}/`,
    widget: `${origin(plan, 'widget')}/widget/v1/widget.js`,
    plain: (['landing', 'dashboard', 'meeting', 'widget'] as const).map((site) => plainOrigin(plan, site)),
  };
}

/** PostgreSQL is many processes, of which the first says nothing about the others. */
const watched = ({ parts }: Plan) => parts.filter((part) => part !== 'postgres');

/** What was not started is described as not there. */
function partsOf({ parts }: Plan): Record<string, boolean> {
  const behind = {
    api: 'api',
    realtime: 'realtime-1',
    meeting: 'livekit',
    agent: 'agent',
    landing: 'web',
    dashboard: 'web',
    widget: 'web',
    database: 'postgres',
    redis: 'redis',
    knowledge: 'api',
    pooler: 'pgbouncer',
  } as const;
  return Object.fromEntries(Object.entries(behind).map(([part, service]) => [part, parts.includes(service)]));
}

/** Checks that are planned and have no body yet. */
const planned = [
  ...['uptime', 'alerts', 'dashboards', 'logs', 'secrets', 'backups', 'errors'].map((name) => `smoke.ops.${name}`),
  'smoke.net.private',
];

const ninetyDaysAfter = (from: string) => new Date(Date.parse(from) + 90 * 86_400_000).toISOString().slice(0, 10);
