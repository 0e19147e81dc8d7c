import { chainLine, chainStart } from './chain.ts';
import type { Entry, RunEntry } from './entries.ts';
import { type ReadRecord, RecordError } from './reader.ts';

/**
 * Several records of one run (shards, segments) as one: entries interleaved by time on the first record's clock, a new
 * chain, and the last hash of every source in the run entry. A plan both shards carry stands once.
 * @throws RecordError when the records are not of the same environment, revision and profile.
 */
export function mergeRecords(records: readonly ReadRecord[]): string[] {
  const runs = records.map((record) => runOf(record));
  const [first] = runs;
  if (!first) throw new RecordError(0, 'expected at least one record to merge, found none');
  for (const run of runs) refuseOther(first, run);
  const started = runs.map((run) => Date.parse(run.startedAt));
  const origin = Math.min(...started);
  const { shard: _part, ...whole } = first;
  const rest = records.flatMap((record, index) => shifted(record, started[index]! - origin));
  const ended = records.every((record) => record.entries.some((entry) => entry.kind === 'end'));
  return chained([
    {
      ...whole,
      id: runs.map((run) => run.id).join('+'),
      suites: [...new Set(runs.flatMap((run) => run.suites))],
      // Parts that make up the whole are the whole; one that is missing leaves it partial.
      partial: runs.some((run) => run.partial) || !complete(runs),
      startedAt: new Date(origin).toISOString(),
      mergedFrom: records.map((record) => record.lastHash),
    },
    ...once(rest.sort((a, b) => timeOf(a) - timeOf(b))),
    ...(ended ? [{ kind: 'end' } as const] : []),
  ]);
}

function complete(runs: readonly RunEntry[]): boolean {
  const of = Math.max(0, ...runs.map(({ shard }) => shard?.of ?? 0));
  const seen = new Set(runs.filter(({ shard }) => shard?.of === of).map(({ shard }) => shard!.index));
  return of === 0 || seen.size === of;
}

function runOf(record: ReadRecord): RunEntry {
  const [first] = record.entries;
  if (first?.kind !== 'run')
    throw new RecordError(1, `line 1: expected a "run" entry, found ${first?.kind ?? 'nothing'}`);
  return first;
}

function refuseOther(first: RunEntry, run: RunEntry): void {
  for (const key of ['environment', 'revision', 'profile'] as const) {
    if (first[key] === run[key]) continue;
    throw new RecordError(
      1,
      `cannot merge ${run.id} with ${first.id}: expected ${key} ${String(first[key])}, found ${String(run[key])}`,
    );
  }
}

/** Entries without a time (plans, waivers) keep their place at the front. */
const timeOf = (entry: Entry): number => {
  if (entry.kind === 'measurement') return entry.startMs;
  if (entry.kind === 'window' || entry.kind === 'ours') return entry.fromMs;
  if (entry.kind === 'sample' || entry.kind === 'limit' || entry.kind === 'event') return entry.atMs;
  return entry.kind === 'plan' || entry.kind === 'excluded' || entry.kind === 'unmet' || entry.kind === 'waiver'
    ? -1
    : Infinity;
};

function shifted(record: ReadRecord, by: number): Entry[] {
  return record.entries
    .filter((entry) => entry.kind !== 'run' && entry.kind !== 'end')
    .map((entry) => shift(bare(entry), by));
}

function shift(entry: Entry, by: number): Entry {
  switch (entry.kind) {
    case 'measurement':
      return {
        ...entry,
        startMs: entry.startMs + by,
        ...(entry.dueMs === undefined ? {} : { dueMs: entry.dueMs + by }),
      };
    case 'window':
    case 'ours':
      return { ...entry, fromMs: entry.fromMs + by, toMs: entry.toMs + by };
    case 'sample':
    case 'limit':
    case 'event':
      return { ...entry, atMs: entry.atMs + by };
    default:
      return entry;
  }
}

const bare = (entry: Entry): Entry => {
  const { h: _, ...rest } = entry as Entry & { h?: string };
  return rest as Entry;
};

function once(entries: readonly Entry[]): Entry[] {
  const seen = new Set<string>();
  return entries.filter((entry) => {
    if (entry.kind !== 'plan' && entry.kind !== 'waiver' && entry.kind !== 'excluded') return true;
    const key = JSON.stringify(entry);
    return seen.has(key) ? false : seen.add(key);
  });
}

function chained(entries: readonly Entry[]): string[] {
  let hash = chainStart;
  return entries.map((entry) => {
    const next = chainLine(hash, entry);
    hash = next.hash;
    return next.line;
  });
}
