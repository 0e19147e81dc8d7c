import betainc from '@stdlib/math-base-special-betainc';
import betaln from '@stdlib/math-base-special-betaln';

/** ln ∫₀ˣ θ^(a−1) (1−θ)^(b−1) dθ, finite for every 0 < x < 1 however deep the tail. */
export function lnBetaBelow(x: number, a: number, b: number): number {
  if (x >= 1) return betaln(a, b);
  const regularized = betainc(x, a, b);
  // The regularized value underflows to 0 in a deep tail, where the series needs only a few terms.
  return regularized > 1e-250 ? betaln(a, b) + Math.log(regularized) : lnBySeries(x, a, b);
}

/** ln ∫ₓ¹ θ^(a−1) (1−θ)^(b−1) dθ, by the symmetry of the integrand: never as 1 − the other. */
export const lnBetaAbove = (x: number, a: number, b: number): number => lnBetaBelow(1 - x, b, a);

/** x^a (1−x)^b / a · ₂F₁(a+b, 1; a+1; x), DLMF 8.17.8: all terms are positive, so nothing cancels. */
function lnBySeries(x: number, a: number, b: number): number {
  let term = 1;
  let sum = 1;
  for (let j = 1; term > sum * 1e-17; j++) {
    term *= ((a + b + j - 1) * x) / (a + j);
    sum += term;
  }
  return a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) + Math.log(sum);
}
