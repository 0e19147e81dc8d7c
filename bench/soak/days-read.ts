import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { chainHash, chainStart } from '../../record/chain.ts';
import type { Entry } from '../../record/entries.ts';
import { binsOf } from '../../record/histogram.ts';
import { partsOf } from '../../record/parts.ts';
import { foldRecord } from '../../record/reader.ts';
import { surviving } from '../../record/survive.ts';
import { largestResident } from './largest.ts';

/**
 * Reads one record without judging it: `node days-read.ts RECORD ours` as the judge does, `… plain` the obvious way, every line
 * by `JSON.parse`, every histogram by HdrHistogramJS. Both check the chain, and both count what they read. `… surviving` reads
 * what going on after a kill reads before anything else.
 */
const [path = '', how = 'ours'] = process.argv.slice(2);
const tail = ',"h":"0123456789abcdef"}'.length;

const startedMs = performance.now();
const read = how === 'ours' ? ours() : how === 'plain' ? plain() : surviving(path);
const { userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(
  JSON.stringify({
    ...read,
    tookMs: performance.now() - startedMs,
    cpuMs: (userCPUTime + systemCPUTime) / 1_000,
    maxRssBytes: largestResident(),
  }),
);

interface Read {
  lines: number;
  values: number;
  lastHash: string;
}

function ours(): Read {
  const read = { lines: 0, values: 0 };
  const { lastHash } = foldRecord(path, (entry) => {
    read.lines += 1;
    if (entry.kind !== 'window' || entry.histogram === undefined) return;
    const { count, length } = binsOf(entry.histogram);
    for (let i = 0; i < length; i++) read.values += count[i]!;
  });
  return { ...read, lastHash };
}

function plain(): Read {
  const read = { lines: 0, values: 0, lastHash: chainStart };
  for (const part of partsOf(path)) {
    const bytes = readFileSync(part.path);
    for (const line of (part.compressed ? gunzipSync(bytes) : bytes).toString().split('\n')) {
      if (line === '') continue;
      const entry = JSON.parse(line) as Entry & { readonly h: string };
      read.lastHash = chainHash(read.lastHash, `${line.slice(0, -tail)}}`);
      if (read.lastHash !== entry.h) throw new Error('the chain is broken');
      read.lines += 1;
      if (entry.kind === 'window' && entry.histogram !== undefined)
        read.values += decodeFromCompressedBase64(entry.histogram).totalCount;
    }
  }
  return read;
}
