"""Writes golden.json: the e-values and the sign test, computed by other means than ours.

Run with SciPy and mpmath installed: python3 golden.py > golden.json
Up to 1000 samples in forty-digit arithmetic, which reaches the deepest tails; above it by SciPy where that does not underflow.
"""
import json
import math

import mpmath as mp
from scipy import special, stats

mp.mp.dps = 40


def precise(k, n, p0):
    a, b, x = mp.mpf(k) + mp.mpf(1) / 2, mp.mpf(n) - mp.mpf(k) + mp.mpf(1) / 2, mp.mpf(p0)
    half = mp.mpf(1) / 2
    null = k * mp.log(x) + (n - k) * mp.log(1 - x)
    below = mp.log(mp.betainc(a, b, 0, x) / mp.betainc(half, half, 0, x)) - null
    above = mp.log(mp.betainc(b, a, 0, 1 - x) / mp.betainc(half, half, 0, 1 - x)) - null
    return float(below), float(above)


def quick(k, n, p0):
    a, b = k + 0.5, n - k + 0.5
    null = k * math.log(p0) + (n - k) * math.log1p(-p0)
    parts = []
    for weight, prior in [
        (special.betainc(a, b, p0), special.betainc(0.5, 0.5, p0)),
        (special.betaincc(a, b, p0), special.betaincc(0.5, 0.5, p0)),
    ]:
        seen = weight > 1e-200
        parts.append(special.betaln(a, b) + math.log(weight) - math.log(math.pi * prior) - null if seen else None)
    return parts


cases = []
for p0 in [0.05, 0.001, 0.005, 0.01, 0.0005]:
    for n in [1, 10, 157, 158, 400.5, 1000, 12345.625, 100000]:
        for share in [0, 0.0001, 0.001, 0.04, 0.05, 0.06, 0.2, 0.5, 1]:
            k = n * share
            below, above = precise(k, n, p0) if n <= 1000 else quick(k, n, p0)
            cases.append({"k": k, "n": n, "p0": p0, "below": below, "above": above})

coins = [
    {"k": k, "n": n, "tail": float(stats.binom.sf(k - 1, n, 0.5))}
    for n in [1, 5, 6, 9, 10, 13, 14, 25, 100]
    for k in sorted({0, 1, n // 2, n - 1, n})
]
print(json.dumps({"eValues": cases, "fairTails": coins}, indent=0))
