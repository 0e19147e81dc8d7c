import { Random } from './random.ts';

/**
 * The model of a soak's series, in per cent of its base: for a heap a garbage collector's saw-tooth (40 %, every 20 min ×
 * U(0.6, 1.4), what stays after a collection N(0, 1.5)), slow Ornstein–Uhlenbeck noise (sd 1, τ 2 h) and fast noise (sd 1,
 * τ 5 min); for a count (sockets, connections, stream length) no saw-tooth, fast noise of sd 1 and slow noise of sd 0.3,
 * in whole numbers around 200. Sampled every 30 s.
 */
export interface Scenario {
  readonly name: string;
  readonly metric: 'heap' | 'count';
  readonly hours: number;
  readonly leakPerHour?: number;
  readonly dailyShare?: number;
  readonly slowSd?: number;
  readonly slowTauHours?: number;
  readonly warmUp?: number;
  readonly warmUpTauHours?: number;
  /** A healthy change of level at a random hour. */
  readonly step?: number;
  /** Mean hours between restarts; each begins a new life at a slightly other level, and warms up again. */
  readonly restartEveryHours?: number;
  readonly leakFromHours?: number;
}

export const stepHours = 1 / 120;
const stepsInSlow = 10;

/** Reused from series to series: nothing is allocated in the loop. */
export interface Series {
  readonly value: Float64Array;
  readonly load: Float64Array;
  readonly life: Int32Array;
  length: number;
}

export function newSeries(hours: number): Series {
  const n = Math.round(hours / stepHours);
  return { value: new Float64Array(n), load: new Float64Array(n), life: new Int32Array(n), length: n };
}

export function generate(scenario: Scenario, seed: number, into: Series): void {
  const random = new Random(seed, 7);
  const n = Math.round(scenario.hours / stepHours);
  into.length = n;
  const heap = scenario.metric === 'heap';
  const slowSd = scenario.slowSd ?? (heap ? 1 : 0.3);
  const slowPhi = Math.exp((-stepHours * stepsInSlow) / (scenario.slowTauHours ?? 2));
  const slowKick = slowSd * Math.sqrt(1 - slowPhi * slowPhi);
  const fastSd = 1;
  const fastPhi = Math.exp(-stepHours * 12);
  const fastKick = fastSd * Math.sqrt(1 - fastPhi * fastPhi);
  const phase = 2 * Math.PI * random.uniform();
  const stepAt = scenario.step ? scenario.hours * random.uniform() : Infinity;
  const leak = scenario.leakPerHour ?? 0;
  const leakFrom = scenario.leakFromHours ?? 0;
  const daily = scenario.dailyShare ?? 0;
  const warmUp = scenario.warmUp ?? 0;
  const warmTau = scenario.warmUpTauHours ?? 1;
  let slow = slowSd * random.normal();
  let slowBefore = slow;
  let fast = fastSd * random.normal();
  let life = 0;
  let bornAt = 0;
  let levelOfLife = 0;
  let restartAt = nextRestart(scenario, random, 0);
  let rest = heap ? 1.5 * random.normal() : 0;
  let saw = heap ? 40 * random.uniform() : 0;
  let rise = heap ? riseOf(random) : 0;
  for (let i = 0; i < n; i++) {
    const t = i * stepHours;
    if (i % stepsInSlow === 0) {
      slowBefore = slow;
      slow = slowPhi * slow + slowKick * random.normal();
    }
    fast = fastPhi * fast + fastKick * random.normal();
    if (t >= restartAt) {
      life += 1;
      bornAt = t;
      levelOfLife = 2 * random.normal();
      restartAt = nextRestart(scenario, random, t);
      saw = 0;
    }
    const wave = daily === 0 ? 0 : Math.sin((2 * Math.PI * t) / 24 + phase);
    if (heap) {
      saw += rise * (1 + (daily > 0 ? 0.3 * wave : 0));
      if (saw >= 40) {
        // What was allocated since the collection stays: a sample sees it up to half a minute late.
        saw = rise * random.uniform();
        rise = riseOf(random);
        rest = 1.5 * random.normal();
      }
    }
    const within = (i % stepsInSlow) / stepsInSlow;
    const warm = warmUp === 0 ? 0 : warmUp * (1 - Math.exp(-(t - bornAt) / warmTau));
    const value =
      100 +
      levelOfLife +
      daily * wave +
      warm +
      (t >= stepAt ? scenario.step! : 0) +
      leak * Math.max(0, t - Math.max(bornAt, leakFrom)) +
      slowBefore +
      within * (slow - slowBefore) +
      fast +
      rest +
      saw;
    into.value[i] = heap ? value : Math.round(2 * value);
    into.load[i] = 100 * (1 + (daily > 0 ? 0.3 * wave : 0));
    into.life[i] = life;
  }
}

const riseOf = (random: Random): number => (40 * stepHours) / ((0.6 + 0.8 * random.uniform()) / 3);

function nextRestart(scenario: Scenario, random: Random, t: number): number {
  if (!scenario.restartEveryHours) return Infinity;
  return t - scenario.restartEveryHours * Math.log(random.uniform());
}
