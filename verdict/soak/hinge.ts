/**
 * Where a rise began: of all bent lines, level until a moment and straight from there, the one with the least squares (a broken-stick
 * regression with a level first part). The window in which a rise is called may begin hours before it or after.
 * `points` are `[t, value, …]` in order of time; gives the t of the bend, or null where no bent line rises.
 */
export function bendOf(points: readonly (readonly [number, number, ...unknown[]])[]): number | null {
  let best = { t: null as number | null, explained: 0 };
  // A bend needs points behind it to be one.
  for (const [t] of points.slice(0, -fewestBehind)) {
    const explained = explainedBy(points, t);
    if (explained > best.explained) best = { t, explained };
  }
  return best.t;
}

const fewestBehind = 4;

/** By how much a line that bends upwards at `bend` takes down the sum of squares; 0 where it would have to bend downwards. */
function explainedBy(points: readonly (readonly [number, number, ...unknown[]])[], bend: number): number {
  const n = points.length;
  let [sx, sy] = [0, 0];
  for (const [t, y] of points) {
    sx += Math.max(0, t - bend);
    sy += y;
  }
  const [mx, my] = [sx / n, sy / n];
  let [sxx, sxy] = [0, 0];
  for (const [t, y] of points) {
    const x = Math.max(0, t - bend) - mx;
    sxx += x * x;
    sxy += x * (y - my);
  }
  return sxy > 0 && sxx > 0 ? (sxy * sxy) / sxx : 0;
}
