import { environmentFrom } from '../../cli/environment.ts';
import { select } from '../../cli/run/select.ts';
import { planFor, soakSelection } from '../../cli/soak/plan.ts';
import { soak } from '../../cli/soak/soak.ts';

/** One process of a soak in scaled time: `node soaking.ts '{"env":…}'`; ends with the exit code. */
export interface Soaking {
  readonly env: string;
  readonly out?: string;
  readonly resume?: string;
  readonly forMs: number;
  readonly timeScale: number;
  readonly segmentMs?: number;
  readonly partBytes?: number;
  readonly earlyStop?: boolean;
  /** Of which checks; the availability slots alone unless said. */
  readonly only?: readonly string[];
}

if (import.meta.main) {
  const given = JSON.parse(process.argv[2]!) as Soaking;
  const environment = environmentFrom(given.env);
  const selection = select(['soak'], { gate: false, only: given.only ?? ['soak.uptime'], waived: new Set() });
  const result = await soak({
    environment,
    profile: 'preparation',
    selection: soakSelection(selection, given.forMs),
    plan: planFor(given.forMs, given.timeScale, false),
    segmentMs: given.segmentMs ?? null,
    users: 2,
    socketLimitMs: 3_600_000,
    earlyStop: given.earlyStop ?? false,
    progress: Object.assign(() => undefined, { end: () => undefined }),
    ...(given.out ? { out: given.out } : {}),
    ...(given.resume ? { resume: given.resume } : {}),
    ...(given.partBytes ? { partBytes: given.partBytes } : {}),
  });
  for (const trouble of result.trouble) process.stderr.write(`${trouble}\n`);
  process.exit(result.exitCode);
}
