import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appUrl, databaseUrl, pooledUrl } from '../database/provision.ts';
import { type NodeService, nodeServices, type Plan, type Site, sites } from '../plan.ts';
import { certificateFiles } from './certificates.ts';
import { isAlive, launch, markedEnvironment, ownIdentity, type StopStep } from './processes.ts';
import { redisUrl } from './redis.ts';
import { checkout, compileCache, nodeBinary } from './tools.ts';
import { until } from './until.ts';

export const serviceStop: readonly StopStep[] = [{ signal: 'SIGTERM', waitMs: 1_500 }];

const configFile = (directory: string) => join(directory, 'config.json');

/** The agent's settings are variables, as on the platform. */
export const agentSettings = (directory: string) => join(directory, 'agent.env');

export function agentVariables({ livekit, ...plan }: Plan): Record<string, string> {
  return {
    LIVEKIT_URL: livekitUrl({ livekit, ...plan }),
    LIVEKIT_API_KEY: livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret,
    ANTHROPIC_API_KEY: plan.providerKey,
    GOOGLE_API_KEY: plan.providerKey,
  };
}

export function writeAgentSettings(plan: Plan, without: readonly string[] = []): void {
  const lines = Object.entries(agentVariables(plan)).filter(([name]) => !without.includes(name));
  writeFileSync(agentSettings(plan.directory), lines.map(([name, value]) => `${name}=${value}\n`).join(''), {
    mode: 0o600,
  });
}

/** Each of our own processes reads its addresses and secrets from this one file. */
export function writeServiceConfig(plan: Plan): void {
  writeFileSync(configFile(plan.directory), `${JSON.stringify(serviceConfig(plan), null, 2)}\n`, { mode: 0o600 });
  writeAgentSettings(plan);
}

export const origin = (plan: Plan, site: Site) => `https://localhost:${plan.ports[`${site}.https`]}`;
export const plainOrigin = (plan: Plan, site: Site) => `http://localhost:${plan.ports[`${site}.http`]}`;
export const livekitUrl = ({ ports }: Plan) => `ws://127.0.0.1:${ports.livekit}`;
export const agentUrl = ({ ports }: Plan) => `http://localhost:${ports.agent}`;
export const outboxUrl = ({ ports }: Plan) => `http://localhost:${ports.outbox}/messages`;
export const identityUrl = ({ ports }: Plan) => `http://localhost:${ports.identity}`;
export const failingPrompt = 'Please fail to answer this.';
/** Five, thirty and a hundred and twenty minutes on the platform; nobody here waits that long. */
export const fallbackSeconds = [3, 3, 3] as const;
export const controlUrl = ({ ports }: Plan, service: NodeService) => `http://127.0.0.1:${ports[`control.${service}`]}`;

function serviceConfig(plan: Plan) {
  const { directory, revision, ports, passwords, controlToken, sessionSecret, asBuilt } = plan;
  const pair = (name: string) => ({ https: ports[`${name}.https`], http: ports[`${name}.http`] });
  return {
    directory,
    revision,
    asBuilt,
    tls: certificateFiles(directory),
    ports: {
      api: ports.api,
      realtime: { 'realtime-1': ports['realtime-1'], 'realtime-2': ports['realtime-2'] },
      models: ports.models,
      agent: ports.agent,
      outbox: ports.outbox,
      identity: ports.identity,
      web: Object.fromEntries(sites.map((site) => [site, pair(site)])),
      control: Object.fromEntries(nodeServices.map((service) => [service, ports[`control.${service}`]])),
    },
    controlToken,
    postgres: {
      appUrl: appUrl(plan),
      ...(plan.parts.includes('pgbouncer') && { pooledUrl: pooledUrl(plan) }),
      serviceUrl: databaseUrl('platform_service', passwords.service, ports.postgres!),
    },
    redis: { url: redisUrl(plan) },
    livekit: { url: livekitUrl(plan), ...plan.livekit },
    origins: sites.map((site) => origin(plan, site)),
    models: {
      url: `http://127.0.0.1:${ports.models}`,
      failingPrompt,
      latencyMs: { fast: 120, balanced: 250, powerful: 500 },
    },
    sessionSecret,
    serviceSecret: plan.serviceSecret,
    clockToken: plan.clockToken,
    outbox: { url: outboxUrl(plan), token: plan.outboxToken },
    identity: { url: identityUrl(plan), ...plan.identity },
    surveys: { baseUrl: `http://localhost:${ports.api}`, fallbackSeconds },
    // Per address and the same on all plans: every user of a load comes from this one machine.
    limits: { auth: { max: 1_000_000, windowMs: 900_000 }, anonymous: { max: 10_000_000, windowMs: 3_600_000 } },
  };
}

/** Not written down among the parts: it is no part, and `down` finds it by its mark. */
export function startKeeper(directory: string): void {
  const { pid, startedAtTicks } = ownIdentity();
  const keeper = join(checkout, 'reference', 'keeper.ts');
  const args = ['--disable-warning=ExperimentalWarning', keeper, directory, String(pid), startedAtTicks];
  const env = { ...markedEnvironment(directory), NODE_COMPILE_CACHE: compileCache() };
  spawn(nodeBinary(), args, { cwd: directory, env, stdio: 'ignore', detached: true }).unref();
}

export async function startService(
  plan: Plan,
  service: NodeService,
  options: Readonly<Record<string, string>> = {},
): Promise<void> {
  const main = join(checkout, 'reference', 'services', service.replace(/-\d$/, ''), 'main.ts');
  if (!existsSync(main)) throw new Error(`${service}: expected ${main}, found none`);
  const extra = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const running = launch({
    directory: plan.directory,
    name: service,
    command: nodeBinary(),
    args: ['--disable-warning=ExperimentalWarning', main, configFile(plan.directory), '--name', service, ...extra],
    cwd: plan.directory,
    env: { NODE_ENV: 'production', NODE_COMPILE_CACHE: compileCache() },
  });
  await until(service, () => healthy(controlUrl(plan, service)), {
    withinMs: 180_000,
    everyMs: 50,
    giveUp: () => !isAlive(running),
  });
}

async function healthy(control: string): Promise<boolean | string> {
  const response = await fetch(`${control}/healthy`, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  return response.ok || `HTTP ${response.status}`;
}
