import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { coresBetween, cpuSecondsOf } from './cpu-time.ts';
import { partServices } from './services.ts';
import type { Sample } from './types.ts';

/** A process that another began. */
export interface Beneath {
  readonly pid: number;
  readonly startTicks: string;
  readonly program: string;
  readonly command: string;
  readonly rssBytes: number;
  readonly cpuSeconds: number;
}

interface Kind {
  /** Who tells of it: a command may hold what is secret, so it is called by its program. */
  readonly from: string;
  readonly most: number;
  missing: number;
}

/** What is there at so many looks in a row stays; health checks and jobs come and go. */
const leastLooks = 3;
/** Whoever begins them again does so within minutes, or they were not meant to stay. */
const mostMissing = 2;
const pageBytes = 4096;
const mostFound = 200;

/** Sessions of a database, and workers that a server itself takes away, call themselves by what they do. */
const titled = /^[\w./-]+: /;
/** It ends its workers by intent, one after the other. */
const renews = /max[-_](requests|tasks|jobs|memory)/;
const [, , agents] = partServices.find(([part]) => part === 'agent')!;

/**
 * Workers beneath one that is watched: a supervisor goes on when one of them ends and begins another, and says nothing of
 * it. Of one command there are as many as in the beginning; where there ever are more, they are jobs and not told.
 */
export class Workers {
  readonly #service: string;
  #first: (readonly Beneath[])[] = [];
  #kinds: Map<string, Kind> | null = null;
  /** Of some that stayed nothing is told any more, so what the others need is no sum of all. */
  #isPart = false;
  /** At the last look at which all of them were there. */
  #before: { readonly staying: readonly Beneath[]; readonly atMs: number } | null = null;

  constructor(service: string) {
    this.#service = service;
  }

  /** `all` of one moment, `atMs` of the run. */
  see(all: readonly Beneath[], atMs: number): readonly Sample[] {
    // An agent has a process for each meeting.
    if (agents.test(this.#service)) return [];
    const found = all.filter(({ command }) => command !== '' && !titled.test(command) && !renews.test(command));
    this.#kinds ??= this.#begun(found);
    const kinds = this.#kinds;
    if (kinds === null || kinds.size === 0) return [];
    const byCommand = Map.groupBy(found, ({ command }) => command);
    const ups = [...kinds].flatMap(([command, kind]) => this.#of(command, kind, byCommand.get(command) ?? []));
    const staying = found.filter(({ command }) => kinds.has(command));
    const expected = [...kinds.values()].reduce((sum, { most }) => sum + most, 0);
    return this.#isPart || staying.length < expected ? ups : [...ups, ...this.#together(staying, atMs)];
  }

  /** A worker that is away for a moment is no fall of what all of them need. */
  #together(staying: readonly Beneath[], atMs: number): Sample[] {
    const labels = { service: `${this.#service} workers`, from: 'workers' };
    const memory = staying.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
    const cores = this.#cores(staying, atMs);
    this.#before = { staying, atMs };
    return [
      { series: 'process.memory', unit: 'By', labels, value: memory },
      ...(cores === null ? [] : [{ series: 'process.cpu', unit: '1', labels, value: cores }]),
    ];
  }

  /** null: one of them is another than before, whose time begins anew. */
  #cores(staying: readonly Beneath[], atMs: number): number | null {
    if (this.#before === null) return null;
    const { staying: earlier, atMs: beforeMs } = this.#before;
    if (!staying.every((one) => earlier.some((other) => isSame(one, other)))) return null;
    const sum = (all: readonly Beneath[]) => all.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0);
    return coresBetween({ cpuSeconds: sum(earlier), atMs: beforeMs }, sum(staying), atMs);
  }

  /** null: not looked at often enough. */
  #begun(found: readonly Beneath[]): Map<string, Kind> | null {
    this.#first.push(found);
    if (this.#first.length < leastLooks) return null;
    const stayed = found.filter((one) => this.#first.every((look) => look.some((other) => isSame(one, other))));
    this.#first = [];
    const kinds = new Map<string, Kind>();
    const byCommand = [...Map.groupBy(found, ({ command }) => command)].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [command, members] of byCommand.filter(([, members]) => members.some((one) => stayed.includes(one)))) {
      const { program } = members[0]!;
      const alike = [...kinds.values()].filter(({ from }) => from.startsWith(`worker ${program}`)).length;
      const from = alike === 0 ? `worker ${program}` : `worker ${program} ${alike + 1}`;
      kinds.set(command, { from, most: members.length, missing: 0 });
    }
    return kinds;
  }

  #of(command: string, kind: Kind, members: readonly Beneath[]): readonly Sample[] {
    kind.missing = members.length === 0 ? kind.missing + 1 : 0;
    if (members.length > kind.most || kind.missing > mostMissing) {
      this.#kinds!.delete(command);
      this.#isPart = true;
      return [];
    }
    return members.map(({ pid, startTicks }) => {
      const labels = { service: this.#service, from: kind.from, life: `${pid}@${startTicks}` };
      return { series: 'process.up', unit: '1', labels, value: 1 };
    });
  }
}

const isSame = (one: Beneath, other: Beneath): boolean => one.pid === other.pid && one.startTicks === other.startTicks;

/** All that a process began, and what these began. */
export function descendantsOf(pid: number, proc = '/proc'): readonly Beneath[] {
  const found: number[] = [];
  const waiting = childrenOf(pid, proc);
  for (let next = waiting.shift(); next !== undefined && found.length < mostFound; next = waiting.shift()) {
    found.push(next);
    waiting.push(...childrenOf(next, proc));
  }
  return found.flatMap((one) => lookAt(one, proc)).map(({ seen }) => seen);
}

/** Those of a container that another of it began: its first process ends with it, and who looks into it comes from outside. */
export function beneathIn(folder: string, proc = '/proc'): readonly Beneath[] {
  const pids = numbersIn(join(folder, 'cgroup.procs')).filter((pid) => pid > 0);
  const all = pids.slice(0, mostFound).flatMap((pid) => lookAt(pid, proc));
  return all.filter(({ parent }) => pids.includes(parent)).map(({ seen }) => seen);
}

function childrenOf(pid: number, proc: string): number[] {
  const tasks = join(proc, String(pid), 'task');
  try {
    return readdirSync(tasks).flatMap((task) => numbersIn(join(tasks, task, 'children')));
  } catch {
    return [];
  }
}

/** Nothing of one that has ended, or may not be looked at. */
function lookAt(pid: number, proc: string): { readonly parent: number; readonly seen: Beneath }[] {
  const stat = textOf(join(proc, String(pid), 'stat'));
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  if (end < 0 || fields[0] === 'Z' || fields[0] === 'X') return [];
  const program = stat.slice(stat.indexOf('(') + 1, end);
  const command = textOf(join(proc, String(pid), 'cmdline'))
    .replaceAll('\0', ' ')
    .trim();
  const rssBytes = Number(fields[21]) * pageBytes;
  const cpuSeconds = cpuSecondsOf(join(proc, String(pid)), fields);
  const seen = { pid, startTicks: fields[19] ?? '', program, command, rssBytes, cpuSeconds };
  return [{ parent: Number(fields[1]), seen }];
}

const numbersIn = (path: string): number[] => (textOf(path).match(/\d+/g) ?? []).map(Number);

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
