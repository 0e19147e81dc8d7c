import { hamedRao, mannKendall, upperTail } from '../../verdict/soak/mann-kendall.ts';
import { medianOf, rampRss, theilSen } from '../../verdict/soak/shape.ts';
import { studentTail } from '../../verdict/soak/student.ts';
import { type Series, stepHours } from './model.ts';

/** What the field does with the same series, once at its end; and the composite gate this judge was begun from. */
export const rivals = {
  'OLS p < 0.05': (series: Series) => ols(series) < 0.05,
  'OLS p < 0.001': (series: Series) => ols(series) < 0.001,
  'Mann-Kendall p < 0.001': (series: Series) => upperTail(mannKendall(hourlyFloors(series, 0)).z) < 0.001,
  'Hamed-Rao p < 0.001': (series: Series) => upperTail(hamedRao(hourlyFloors(series, 0)).z) < 0.001,
  'composite gate': compositeAlarms,
} as const satisfies Record<string, (series: Series) => boolean>;

/** The one-sided p value of the slope of all samples. */
function ols(series: Series): number {
  const n = series.length;
  const mean = (n - 1) / 2;
  let ySum = 0;
  for (let i = 0; i < n; i++) ySum += series.value[i]!;
  let ty = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    ty += (i - mean) * (series.value[i]! - ySum / n);
    yy += (series.value[i]! - ySum / n) ** 2;
  }
  const tt = (n * (n * n - 1)) / 12;
  const error = Math.sqrt((yy - (ty * ty) / tt) / (n - 2) / tt);
  return studentTail(ty / tt / error, n - 2);
}

function hourlyFloors(series: Series, fromHour: number): Float64Array {
  const perHour = Math.round(1 / stepHours);
  const hours = Math.floor(series.length / perHour) - fromHour;
  return Float64Array.from({ length: hours }, (_, hour) => {
    let low = Infinity;
    const from = (hour + fromHour) * perHour;
    for (let i = from; i < from + perHour; i++) if (series.value[i]! < low) low = series.value[i]!;
    return low;
  });
}

function hourlyLoads(series: Series, fromHour: number, hours: number): Float64Array {
  const perHour = Math.round(1 / stepHours);
  return Float64Array.from({ length: hours }, (_, hour) => series.load[Math.floor((hour + fromHour + 0.5) * perHour)]!);
}

const warmUp = 4;
const delta = 0.1;

/** Hourly floors after 4 h, a look every 2 h from hour 12: GLS-AR1 with the load, halves, ramp against step. */
function compositeAlarms(series: Series): boolean {
  const floors = hourlyFloors(series, warmUp);
  const base = medianOf(floors.slice(0, 4));
  const y = floors.map((floor) => (100 * floor) / base);
  const load = hourlyLoads(series, warmUp, y.length);
  for (let n = 8; n <= y.length; n += 2) if (alarmAt(y.subarray(0, n), load.subarray(0, n))) return true;
  return false;
}

function alarmAt(y: Float64Array, load: Float64Array): boolean {
  const n = y.length;
  const t = Float64Array.from(y, (_, i) => i);
  const constant = load.every((value) => Math.abs(value - load[0]!) < 1e-9);
  const mean = load.reduce((sum, value) => sum + value, 0) / n;
  const columns = [new Float64Array(n).fill(1), t, ...(constant ? [] : [load.map((value) => value - mean)])];
  const { beta, error } = glsAr1(y, columns);
  const slope = beta[1]!;
  if (studentTail((slope - delta) / error, n - columns.length) >= 1e-5) return false;
  const adjusted = y.map((value, i) => value - (beta[2] ?? 0) * (columns[2]?.[i] ?? 0));
  const half = n >> 1;
  const first = theilSen(t.subarray(0, half), adjusted.subarray(0, half));
  const second = theilSen(t.subarray(half), adjusted.subarray(half));
  if (first <= 0.4 * slope || second <= 0.4 * slope || second <= delta) return false;
  return n * Math.log(stepRss(adjusted) / rampRss(t, adjusted)) > 6;
}

function stepRss(y: Float64Array): number {
  let best = Infinity;
  for (let k = 2; k <= y.length - 2; k++) {
    best = Math.min(
      best,
      rampRss(
        Float64Array.from(y, (_, i) => (i < k ? 0 : 1)),
        y,
      ),
    );
  }
  return best;
}

function glsAr1(y: Float64Array, columns: readonly Float64Array[]): { beta: number[]; error: number } {
  const p = columns.length;
  const n = y.length;
  let rho = 0.6;
  let solved = weighted(y, columns, rho);
  for (let pass = 0; pass < 3; pass++) {
    const r = y.map((value, i) => value - columns.reduce((sum, column, c) => sum + column[i]! * solved.beta[c]!, 0));
    let products = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      if (i > 0) products += r[i]! * r[i - 1]!;
      squares += r[i]! * r[i]!;
    }
    const q = products / squares;
    rho = Math.min(0.95, Math.max(0.6, q + (p + (p + 1) * q) / n));
    solved = weighted(y, columns, rho);
  }
  return solved;
}

/** Prais–Winsten rows, normal equations by Gauss–Jordan. */
function weighted(y: Float64Array, columns: readonly Float64Array[], rho: number): { beta: number[]; error: number } {
  const row = (column: Float64Array) =>
    column.map((value, i) => (i === 0 ? value * Math.sqrt(1 - rho * rho) : value - rho * column[i - 1]!));
  const X = columns.map(row);
  const Y = row(y);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const inverse = invert(X.map((a) => X.map((b) => dot(a, b))));
  const right = X.map((a) => dot(a, Y));
  const beta = inverse.map((line) => line.reduce((sum, value, i) => sum + value * right[i]!, 0));
  const squares = dot(Y, Y) - beta.reduce((sum, b, i) => sum + b * right[i]!, 0);
  return { beta, error: Math.sqrt((squares / (y.length - X.length)) * inverse[1]![1]!) };
}

function invert(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((line, i) => [...line, ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))]);
  for (let i = 0; i < n; i++) {
    const pivot = rows[i]![i]!;
    rows[i] = rows[i]!.map((value) => value / pivot);
    for (let k = 0; k < n; k++) {
      if (k !== i) rows[k] = rows[k]!.map((value, j) => value - rows[k]![i]! * rows[i]![j]!);
    }
  }
  return rows.map((line) => line.slice(n));
}
