import { readFileSync } from 'node:fs';

/**
 * The most memory that this process had resident, bytes. On Linux from VmHWM: `maxRSS` of `getrusage` comes along from
 * the parent through fork and exec, so that a child looks at least as large as whoever started it.
 */
export function largestResident(): number {
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '';
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return 1024 * Number(peak ?? process.resourceUsage().maxRSS);
}
