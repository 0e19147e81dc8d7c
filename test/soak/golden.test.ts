import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GlsWindow } from '../../verdict/soak/gls.ts';
import { hamedRao, mannKendall, upperTail } from '../../verdict/soak/mann-kendall.ts';
import { studentTail } from '../../verdict/soak/student.ts';

interface Vectors {
  readonly mannKendall: readonly {
    readonly name: string;
    readonly y: readonly number[];
    readonly s: number;
    readonly variance: number;
    readonly z: number;
    readonly slope: number;
    readonly hamedRaoVariance: number;
  }[];
  readonly regression: readonly {
    readonly name: string;
    readonly t: readonly number[];
    readonly y: readonly number[];
    readonly x: readonly number[];
    readonly segment: readonly number[];
    readonly slope: number;
    readonly spread: number;
    readonly elasticity: number;
    readonly level: number;
    readonly below: number;
  }[];
  readonly studentTail: readonly (readonly [x: number, dof: number, tail: number])[];
  readonly normalTail: readonly (readonly [x: number, tail: number])[];
}

/** Made by golden/make.py with pyMannKendall and SciPy. */
const vectors = JSON.parse(readFileSync(new URL('./golden/vectors.json', import.meta.url), 'utf8')) as Vectors;

describe('Mann-Kendall agrees with pyMannKendall, Sen slopes with SciPy', () => {
  test.each(vectors.mannKendall)('$name', ({ y, s, variance, z, slope, hamedRaoVariance }) => {
    const ours = mannKendall(y);
    expect(ours.s).toBe(s);
    expect(ours.variance).toBeCloseTo(variance, 8);
    expect(ours.z).toBeCloseTo(z, 10);
    expect(ours.slope).toBeCloseTo(slope, 12);
    // Theirs may lower the variance, ours never does.
    expect(hamedRao(y).variance / Math.max(hamedRaoVariance, variance)).toBeCloseTo(1, 8);
  });
});

describe('the streaming filter agrees with dense generalised least squares', () => {
  test.each(vectors.regression)('$name', ({ t, y, x, segment, ...expected }) => {
    const window = new GlsWindow();
    t.forEach((at, i) => {
      if (i > 0 && segment[i] !== segment[i - 1]) window.restart();
      window.add(at, y[i]!, x[i]!);
    });
    const fit = window.fit()!;
    for (const key of ['slope', 'spread', 'level'] as const) {
      expect(fit[key] / expected[key], key).toBeCloseTo(1, 7);
    }
    expect(fit.elasticity).toBeCloseTo(expected.elasticity, 9);
    expect(fit.below(0.01) / expected.below).toBeCloseTo(1, 6);
  });
});

test.each(vectors.studentTail)('P(T > %d) with %d degrees of freedom agrees with SciPy', (x, dof, tail) => {
  expect(studentTail(x, dof) / tail).toBeCloseTo(1, 9);
});

test.each(vectors.normalTail)('P(Z > %d) agrees with SciPy', (x, tail) => {
  expect(upperTail(x) / tail).toBeCloseTo(1, 6);
});
