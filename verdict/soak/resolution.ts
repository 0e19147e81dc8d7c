import { FloorBins, Valleys } from './floors.ts';
import { GlsWindow } from './gls.ts';
import { Points } from './points.ts';

/** What a floor series is made from. */
export interface ResolutionPlan {
  readonly name: string;
  readonly binsPerHour: number;
  readonly valleys: boolean;
  /** A leak that begins on the second day is flat for a day: windows that begin later see it alone. 0: one window only. */
  readonly freshWindowHours: number;
}

export const finestPerHour = 20;

/** Valleys of 3-minute floors follow a collector, 15-minute floors follow what has no valleys, hourly floors outlast slow collectors. */
export const resolutionPlans: readonly ResolutionPlan[] = [
  { name: 'valleys', binsPerHour: finestPerHour, valleys: true, freshWindowHours: 12 },
  { name: '15 min', binsPerHour: 4, valleys: false, freshWindowHours: 0 },
  { name: '1 h', binsPerHour: 1, valleys: false, freshWindowHours: 12 },
];

/** What happens in the first hours of a process is warming up, and no floor of it counts. */
export const warmUpHours = 1.75;
const mostPoints = 600;
/** Of floors of 15 minutes or of valleys, of which there are fewer; hourly ones are fewer still. */
const pointsOfTwoDays = 256;
const leastPoints = 64;
const mostWindows = 5;

export interface Window {
  readonly gls: GlsWindow;
  readonly fromHours: number;
}

/** One floor series of one series, with the windows it is judged over. Fed with the finest floors. */
export class Resolution {
  readonly plan: ResolutionPlan;
  readonly points: Points;
  readonly windows: Window[] = [];
  /** Made beforehand: what grows with every half day is what this judge looks for in others. */
  readonly #spare: GlsWindow[];
  readonly #bins: FloorBins | Valleys;
  #life = 0;
  #bornAt = 0;
  #nextWindow = 0;

  constructor(plan: ResolutionPlan) {
    this.plan = plan;
    this.points = new Points(mostPoints, Math.min(pointsOfTwoDays, leastPoints * plan.binsPerHour));
    this.#spare = Array.from({ length: plan.freshWindowHours > 0 ? mostWindows : 1 }, () => new GlsWindow());
    const Kind = plan.valleys ? Valleys : FloorBins;
    this.#bins = new Kind(plan.binsPerHour, (t, value, load) => this.#take(t, value, load));
  }

  add(tHours: number, floor: number, load: number): void {
    this.#bins.add(tHours, floor, load);
  }

  begin(tHours: number): void {
    this.#bornAt = tHours;
  }

  /** Another process from here on: its level is its own, and it warms up again. */
  restart(tHours: number): void {
    this.#bins.cut();
    for (const { gls } of this.windows) gls.restart();
    this.#life += 1;
    this.#bornAt = tHours;
  }

  gap(): void {
    this.#bins.cut();
  }

  #take(t: number, value: number, load: number): void {
    if (t < this.#bornAt + warmUpHours) return;
    this.points.add(t, value, load, this.#life);
    if (t >= this.#nextWindow) this.#open(t);
    for (const { gls } of this.windows) gls.add(t, value, load);
  }

  #open(t: number): void {
    this.windows.push({ gls: this.#spare.pop() ?? new GlsWindow(), fromHours: t });
    if (this.windows.length > mostWindows) this.windows.splice(1, 1);
    this.#nextWindow = this.plan.freshWindowHours > 0 ? t + this.plan.freshWindowHours : Infinity;
  }
}
