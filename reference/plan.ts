import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './parts/ports.ts';

/** Everything about a deployment that is decided before its first process starts: addresses and secrets, new for each. */
export interface Plan {
  readonly directory: string;
  readonly revision: string;
  readonly bootedAt: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly passwords: {
    readonly superuser: string;
    readonly app: string;
    readonly service: string;
    readonly redis: string;
  };
  readonly livekit: { readonly apiKey: string; readonly apiSecret: string };
  readonly controlToken: string;
  readonly sessionSecret: string;
  /** What stands in for the keys of the agent's model providers. */
  readonly providerKey: string;
  readonly serviceSecret: string;
  readonly clockToken: string;
  readonly outboxToken: string;
  readonly identity: { readonly clientId: string; readonly clientSecret: string };
  readonly seedPasswords: { readonly owner: string; readonly admin: string; readonly member: string };
  readonly asBuilt: boolean;
  /** Parts that belong to this deployment. */
  readonly parts: readonly Part[];
}

export const nodeServices = ['models', 'stubs', 'api', 'realtime-1', 'realtime-2', 'web', 'agent'] as const;
export const allParts = ['postgres', 'pgbouncer', 'redis', 'livekit', ...nodeServices] as const;
export type NodeService = (typeof nodeServices)[number];
export type Part = (typeof allParts)[number];

export const sites = ['landing', 'dashboard', 'meeting', 'widget'] as const;
export type Site = (typeof sites)[number];

const portNames = [
  'postgres',
  'pgbouncer',
  'redis',
  'livekit',
  'livekitMedia',
  'livekitMetrics',
  'livekitTurn',
  'models',
  'outbox',
  'identity',
  'agent',
  'api',
  'realtime-1',
  'realtime-2',
  ...sites.flatMap((site) => [`${site}.https`, `${site}.http`]),
  ...nodeServices.map((service) => `control.${service}`),
];

export async function newPlan(directory: string, parts: readonly Part[], asBuilt: boolean): Promise<Plan> {
  return {
    directory,
    revision: secret(20),
    bootedAt: new Date().toISOString(),
    ports: await freePorts(portNames),
    passwords: { superuser: secret(), app: secret(), service: secret(), redis: secret() },
    livekit: { apiKey: `API${secret(6)}`, apiSecret: secret(24) },
    controlToken: secret(),
    sessionSecret: secret(32),
    providerKey: `stub-${secret(16)}`,
    serviceSecret: secret(32),
    clockToken: secret(),
    outboxToken: secret(),
    identity: { clientId: `platform-${secret(6)}`, clientSecret: secret() },
    seedPasswords: { owner: password(), admin: password(), member: password() },
    asBuilt,
    parts,
  };
}

const secret = (bytes = 24) => randomBytes(bytes).toString('hex');

/** The platform's policy asks for upper and lower case, a digit and another character. */
const password = () => `Aa1!${secret(12)}`;

const planFile = (directory: string) => join(directory, 'deployment.json');

export function writePlan(plan: Plan): void {
  const file = planFile(plan.directory);
  writeFileSync(`${file}.new`, `${JSON.stringify(plan, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function readPlan(directory: string): Plan | null {
  try {
    return JSON.parse(readFileSync(planFile(directory), 'utf8'));
  } catch {
    return null;
  }
}
