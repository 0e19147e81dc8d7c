import betainc from '@stdlib/math-base-special-betainc';

/** P(T > x) for Student's t with `dof` degrees of freedom; accurate deep in the tail, where 1 − cdf would be 0. */
export function studentTail(x: number, dof: number): number {
  const half = 0.5 * betainc(dof / (dof + x * x), dof / 2, 0.5);
  return x >= 0 ? half : 1 - half;
}
