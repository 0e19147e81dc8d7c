"""Golden vectors for verdict/soak: pyMannKendall and SciPy, each on the series beside it.

Run with a virtual environment that holds pymannkendall, scipy and numpy; writes vectors.json beside this file.
"""
import json
import pathlib

import numpy as np
import pymannkendall as mk
import scipy
from scipy import stats

random = np.random.default_rng(20260102)


def red(n, phi, slope):
    noise = random.normal(size=n)
    values = np.zeros(n)
    for i in range(n):
        values[i] = (phi * values[i - 1] if i else 0) + noise[i]
    return np.round(values + slope * np.arange(n), 4)


series = {
    "white": red(40, 0.0, 0.0),
    "white, rising": red(40, 0.0, 0.05),
    "red": red(60, 0.7, 0.0),
    "red, rising": red(60, 0.7, 0.1),
    "many ties": np.round(red(50, 0.3, 0.03)),
    "alternating": np.round(red(30, -0.7, 0.02), 4),
    "long": red(192, 0.5, 0.01),
}


def vector(name, y):
    plain = mk.original_test(y)
    hr = mk.hamed_rao_modification_test(y)
    sen = stats.theilslopes(y, np.arange(len(y)))
    return {
        "name": name,
        "y": y.tolist(),
        "s": plain.s,
        "variance": plain.var_s,
        "z": plain.z,
        "slope": sen.slope,
        "hamedRaoVariance": hr.var_s,
    }




def gls(name, t, y, x, segment):
    """Dense generalised least squares for every noise model, averaged: the slow and obvious rival of verdict/soak/gls.ts."""
    t, y, x, segment = map(np.asarray, (t, y, x, segment))
    n, lives = len(t), sorted(set(segment.tolist()))
    levels = np.array([[float(s == life) for life in lives] for s in segment])
    X = np.column_stack([levels, t - t[0], x / x[0] - 1])
    Y = y / y[0] - 1
    k = len(lives)
    dof = n - k - 2 + 4
    cells = []
    for tau in (0.5, 3.0, 18.0):
        for slow in (0.35, 0.9):
            same = segment[:, None] == segment[None, :]
            V = slow * np.exp(-np.abs(t[:, None] - t[None, :]) / tau) * same + (1 - slow) * np.eye(n)
            A = X.T @ np.linalg.solve(V, X)
            A[-1, -1] += 0.02**2
            beta = np.linalg.solve(A, X.T @ np.linalg.solve(V, Y))
            squares = Y @ np.linalg.solve(V, Y) - beta @ (X.T @ np.linalg.solve(V, Y)) + 4 * 0.02**2
            error = np.sqrt(squares / dof * np.linalg.inv(A)[k, k])
            ln = -0.5 * (np.linalg.slogdet(V)[1] + np.linalg.slogdet(A)[1]) - 0.5 * dof * np.log(squares)
            cells.append((ln, beta[k], error, beta[-1], V))
    weights = np.exp(np.array([c[0] for c in cells]) - max(c[0] for c in cells))
    weights /= weights.sum()
    slope = sum(w * c[1] for w, c in zip(weights, cells))
    elasticity = sum(w * c[3] for w, c in zip(weights, cells))
    second = sum(w * (c[2] ** 2 + c[1] ** 2) for w, c in zip(weights, cells))
    level = 1.0
    if k == 1:
        V = cells[2][4]
        one = np.linalg.solve(V, levels[:, 0])
        level = 1 + one @ (Y - slope * X[:, 1] - elasticity * X[:, 2]) / one.sum()
    below = sum(w * stats.t.sf((c[1] - 0.01 * level) / c[2], dof) for w, c in zip(weights, cells))
    return {
        "name": name,
        "t": t.tolist(),
        "y": y.tolist(),
        "x": x.tolist(),
        "segment": segment.tolist(),
        "slope": slope / level,
        "spread": np.sqrt(second - slope**2) / level,
        "elasticity": elasticity / level,
        "level": y[0] * level,
        "below": below,
    }


def floors(n, slope, sd, phi, restart=None):
    t = np.round(2 + np.cumsum(random.uniform(0.2, 0.5, size=n)), 4)
    segment = np.array([0 if restart is None or i < restart else 1 for i in range(n)])
    y = np.round(100 + slope * t + sd * red(n, phi, 0) + 7 * segment, 4)
    return t, y, segment


def regressions():
    t, y, segment = floors(14, 3, 1.5, 0)
    yield gls("one life, constant load", t, y, np.full(14, 50.0), segment)
    t, y, segment = floors(40, 0.5, 1, 0.6)
    x = np.round(100 * (1 + 0.3 * np.sin(t / 4)), 3)
    yield gls("one life, the load swings", t, y + 0.1 * x, x, segment)
    t, y, segment = floors(30, 1, 1, 0.4, 17)
    yield gls("two lives", t, y, np.round(random.uniform(90, 110, size=30), 2), segment)


tails = [[x, dof, stats.t.sf(x, dof)] for dof in (1, 5, 12.5, 40, 190) for x in (-2.0, 0.0, 1.5, 4.0, 9.0, 15.0)]
normal = [[x, stats.norm.sf(x)] for x in (-1.0, 0.0, 1.0, 3.0, 5.0)]
out = {
    "made with": {"pymannkendall": mk.__version__ if hasattr(mk, "__version__") else "1.4.3", "scipy": scipy.__version__},
    "mannKendall": [vector(name, y) for name, y in series.items()],
    "regression": list(regressions()),
    "studentTail": tails,
    "normalTail": normal,
}
pathlib.Path(__file__).with_name("vectors.json").write_text(json.dumps(out) + "\n")
