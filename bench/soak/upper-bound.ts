/** The one-sided 95 % upper bound of a rare rate (Poisson, exact): the rate at which so few alarms come in 5 of 100 cases. */
export function upperBound(alarms: number, of: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 60; i++) {
    const p = (low + high) / 2;
    if (atMost(alarms, of * p) > 0.05) low = p;
    else high = p;
  }
  return high;
}

function atMost(k: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  for (let i = 1; i <= k; i++) {
    term *= mean / i;
    sum += term;
  }
  return sum;
}
