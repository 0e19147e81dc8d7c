/** Seeded streams of latencies whose share at or over the limit, and whose correlation, are known exactly. */

export type Uniform = () => number;

/** sfc32: small, fast, and good enough for every test battery it was put to. */
export function seeded(seed: number): Uniform {
  let a = seed >>> 0;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}

export function normals(uniform: Uniform): () => number {
  let spare = Number.NaN;
  return () => {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    let x = 0;
    let y = 0;
    let square = 0;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    spare = y * scale;
    return x * scale;
  };
}

/** A stream answers latency / limit in logarithms: at or over 0 is late. */
export type Stream = () => number;

export interface Kind {
  readonly name: string;
  /** The true share at or over the limit. */
  readonly share: number;
  stream(seed: number): Stream;
}

const z95 = 1.6448536269514722;

/**
 * Lognormal latencies whose true P95 is `ratio` × the limit, correlated by a Gaussian AR(1). τ is the correlation time of
 * being late, which is the harder reading: the values themselves, and their lower quantiles, then correlate for longer.
 */
export function lognormal(sigma: number, ratio: number, tau: number, of: 'late' | 'values' = 'late'): Kind {
  const threshold = z95 - Math.log(ratio) / sigma;
  const phi = of === 'values' ? (tau - 1) / (tau + 1) : arCoefficientFor(tau, threshold);
  return {
    name: `lognormal ${sigma}`,
    share: upperTail(threshold),
    stream(seed) {
      const normal = normals(seeded(seed));
      const innovation = Math.sqrt(1 - phi * phi);
      let z = normal();
      return () => {
        const value = z;
        z = phi * z + innovation * normal();
        return sigma * (value - threshold);
      };
    },
  };
}

/** Three samples in ten lie in bursts, slow phases whose own P83 is `ratio` × the limit; the others are far below it. */
export function bursts(ratio: number, tau: number): Kind {
  const toMedian = 0.25 * 0.967421566101701;
  const median = Math.log(ratio) - toMedian;
  return switching('bursts', 0.3, tau, upperTail(-median / 0.25), (bad, normal) =>
    bad ? median + 0.25 * normal() : -1.5 + 0.25 * normal(),
  );
}

/** One sample in ten lies in a burst, where the median is `ratio` × the limit: at τ = 50 a burst comes every 280 samples. */
export function rareBursts(ratio: number, tau: number): Kind {
  return switching('rare bursts', 0.1, tau, upperTail(-Math.log(ratio) / 0.25), (bad, normal) =>
    bad ? Math.log(ratio) + 0.25 * normal() : -1.5 + 0.25 * normal(),
  );
}

/** Lognormal latencies of which the given share is late. */
export const lateShare = (share: number, tau: number, of: 'late' | 'values' = 'late'): Kind =>
  lognormal(1, Math.exp(z95 - upperQuantile(share)), tau, of);

function upperQuantile(share: number): number {
  let low = -8;
  let high = 8;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (upperTail(middle) > share) low = middle;
    else high = middle;
  }
  return high;
}

/** A given share of bad ones that come in runs. */
export function errors(share: number, tau: number): Kind {
  return switching(`errors ${share * 100} %`, share, tau, 1, (bad, normal) => (bad ? 1 : -1.5 + 0.25 * normal()));
}

/** Two states whose indicator has the integrated correlation time τ: its correlation at lag k is λ^k. */
function switching(
  name: string,
  badShare: number,
  tau: number,
  lateWhenBad: number,
  value: (bad: boolean, normal: () => number) => number,
): Kind {
  const lambda = (tau - 1) / (tau + 1);
  const toBad = badShare * (1 - lambda);
  const toGood = (1 - badShare) * (1 - lambda);
  return {
    name,
    share: badShare * lateWhenBad,
    stream(seed) {
      const uniform = seeded(seed);
      const normal = normals(uniform);
      let bad = uniform() < badShare;
      return () => {
        const latency = value(bad, normal);
        bad = bad ? uniform() >= toGood : uniform() < toBad;
        return latency;
      };
    },
  };
}

/** The AR(1) coefficient at which the indicator of being over the threshold has the integrated correlation time τ. */
function arCoefficientFor(tau: number, threshold: number): number {
  if (tau <= 1) return 0;
  let low = 0;
  let high = 0.99999;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (indicatorTime(middle, threshold) < tau) low = middle;
    else high = middle;
  }
  return high;
}

function indicatorTime(phi: number, threshold: number): number {
  const share = upperTail(threshold);
  let sum = 0;
  let rho = phi;
  for (let lag = 1; lag < 5000 && rho > 1e-4; lag++) {
    sum += indicatorCovariance(rho, threshold);
    rho *= phi;
  }
  return 1 + (2 * sum) / (share * (1 - share));
}

/** ∫₀^ρ of the bivariate normal density at (h, h), by Simpson's rule after r = sin θ. */
function indicatorCovariance(rho: number, h: number): number {
  const steps = 24;
  const end = Math.asin(rho);
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp((-h * h) / (1 + Math.sin((end * i) / steps)));
  }
  return (sum * end) / steps / 3 / (2 * Math.PI);
}

/** P(Z ≥ z), by Simpson's rule. */
export function upperTail(z: number): number {
  const steps = 2000;
  const width = (10 - z) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const x = z + i * width;
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp((-x * x) / 2);
  }
  return (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}
