import { readFileSync } from 'node:fs';
import { handle } from './control.ts';
import { absolute, bootingBy, claim, exists, isEmpty, release, remove } from './directory.ts';
import type { ReferenceStatus } from './handle.ts';
import { certificateFiles, writeCertificates } from './parts/certificates.ts';
import { writeEnvironmentFile } from './parts/environment-file.ts';
import { bootAll, stopSteps } from './parts/parts.ts';
import { installPgbouncer } from './parts/pgbouncer.ts';
import { isAlive, logFile, remembered, stop, sweep } from './parts/processes.ts';
import { startKeeper, writeServiceConfig } from './parts/services.ts';
import { removeSharedMemory } from './parts/shared-memory.ts';
import { tools } from './parts/tools.ts';
import { allParts, newPlan, type Part, type Plan, readPlan, writePlan } from './plan.ts';
import { describeStatus } from './status.ts';

export type { ReferenceHandle, ReferenceStatus } from './handle.ts';
export { handle };

export interface UpOptions {
  /** Several deployments may run at once, each in a directory of its own. */
  readonly directory?: string;
  readonly log?: (line: string) => void;
  /** Switches on every defect of the platform as it was built. */
  readonly asBuilt?: boolean;
  /** Parts to start; all of them unless said. */
  readonly only?: readonly string[];
  /** Nothing may outlive the process that calls: a keeper takes the deployment down should that end without having done so. */
  readonly endWithCaller?: boolean;
}

/** Boots the reference deployment in the background and returns when all of it is healthy. */
export async function up(options: UpOptions = {}): Promise<ReferenceStatus> {
  const directory = absolute(options.directory);
  const parts = partsThere(partsNamed(options.only), options);
  refuseSecond(directory);
  await down(directory);
  claim(directory);
  if (options.endWithCaller) startKeeper(directory);
  const plan = await newPlan(directory, parts, options.asBuilt ?? false);
  try {
    await boot(plan, options.log ?? (() => undefined));
    const found = describeStatus(plan);
    release(directory);
    return found;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const why = `${reason}${lastWords(plan, reason)}`;
    await tearDown(directory);
    throw new Error(`the reference deployment did not come up: ${why}`, { cause: error });
  }
}

async function boot(plan: Plan, log: (line: string) => void): Promise<void> {
  const began = Date.now();
  writePlan(plan);
  await writeCertificates(certificateFiles(plan.directory));
  writeServiceConfig(plan);
  writeEnvironmentFile(plan);
  await bootAll(plan, log);
  log(`reference: up after ${Date.now() - began} ms`);
}

function partsNamed(only: readonly string[] | undefined): Part[] {
  const unknown = only?.filter((name) => !allParts.some((part) => part === name)) ?? [];
  if (unknown.length > 0) throw new Error(`expected some of ${allParts.join(', ')}, found ${unknown.join(', ')}`);
  return allParts.filter((part) => only?.includes(part) ?? true);
}

/** The pooler is left out where its package is missing, and that is said; whoever names it gets an error. */
function partsThere(parts: Part[], { only, log }: UpOptions): Part[] {
  if (!parts.includes('pgbouncer') || tools().pgbouncer !== null) return parts;
  if (only) throw new Error(installPgbouncer);
  log?.(`reference: ${installPgbouncer}`);
  return parts.filter((part) => part !== 'pgbouncer');
}

function refuseSecond(directory: string): void {
  const booting = bootingBy(directory);
  if (booting !== null) throw new Error(`another "up" (process ${booting}) is at work in ${directory}`);
  const running = Object.entries(remembered(directory)).filter(([, identity]) => isAlive(identity));
  const complete = readPlan(directory)?.parts.every((part) => running.some(([name]) => name === part)) ?? false;
  if (complete) throw new Error(`a reference deployment is already running in ${directory}; take it down first`);
}

/** The end of the log of each part that the reason names, so that the reason need not be looked for in a directory that is gone. */
function lastWords({ directory, parts }: Plan, reason: string): string {
  return parts
    .filter((part) => reason.includes(part))
    .map((part) => [part, tail(logFile(directory, part))] as const)
    .filter(([, text]) => text !== '')
    .map(([part, text]) => `\n  ${part}: ${text.replaceAll('\n', '\n    ')}`)
    .join('');
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').slice(-4).join('\n');
  } catch {
    return '';
  }
}

/** Stops every process of the deployment and removes its directory; also after a crash, and when there is nothing. */
export async function down(directory?: string): Promise<void> {
  const path = absolute(directory);
  const booting = bootingBy(path);
  if (booting !== null) throw new Error(`"up" (process ${booting}) is still at work in ${path}; end it first`);
  await tearDown(path);
}

async function tearDown(directory: string): Promise<void> {
  const processes = Object.entries(remembered(directory));
  // Those that talk to the others go first, so that no log ends in a storm of refused connections.
  const servers = ['postgres', 'pgbouncer', 'redis'];
  await stopAll(processes.filter(([name]) => !servers.includes(name)));
  await stopAll(processes.filter(([name]) => servers.includes(name)));
  await sweep(directory);
  removeSharedMemory(directory);
  if (exists(directory) && looksLikeOurs(directory)) remove(directory);
}

const stopAll = (processes: [string, Parameters<typeof stop>[0]][]) =>
  Promise.all(processes.map(([name, identity]) => stop(identity, stopSteps(name))));

/** `down` on a mistyped path must not remove somebody's files. */
function looksLikeOurs(directory: string): boolean {
  return readPlan(directory) !== null || exists(`${directory}/up.json`) || isEmpty(directory);
}

/** What runs now; `down` lists parts that do not. null when there is no deployment. */
export async function status(directory?: string): Promise<ReferenceStatus | null> {
  const path = absolute(directory);
  const plan = readPlan(path);
  if (!plan || exists(`${path}/up.json`)) return null;
  const found = describeStatus(plan);
  return Object.keys(found.pids).length === 0 ? null : found;
}
