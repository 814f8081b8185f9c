"""Polynomials, interpolation, integration, statistics."""

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

p = Polynomial([1.0, -3.0, 2.0])
print(np.sort(p.roots()).round(9).tolist(), p(2.0), p.deriv().coef.tolist(), p.integ().coef.round(9).tolist())
print((p * p).coef.tolist(), divmod(p, Polynomial([-1.0, 1.0]))[0].coef.round(9).tolist(), str(p))
x = np.linspace(-1.0, 1.0, 9)
print(Polynomial.fit(x, x**3 - x, 3).convert().coef.round(9).tolist())
print(Chebyshev([0.0, 0.0, 1.0])(x).round(9).tolist())
print(np.polyfit(x, 2.0 * x + 1.0, 1).round(9).tolist(), np.polyval([1.0, 0.0, -1.0], x).round(9).tolist())
print(np.interp([0.1, 0.5], x, x**2).round(9).tolist(), round(float(np.trapezoid(x**2, x)), 9))
print(np.percentile(x, [10, 50, 90]).round(9).tolist(), np.quantile(x, 0.3, method="lower").item())
data = np.array([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])
print(data.mean(), data.std(), data.var(ddof=1).round(9), np.median(data))
print(np.histogram(data, bins=[0, 4, 6, 10])[0].tolist(), np.corrcoef(data, data**2).round(9).tolist())
print(np.cov(data, data[::-1]).round(9).tolist(), np.convolve([1.0, 2.0], [1.0, 1.0, 1.0]).tolist())
print(np.gradient(x**2, x).round(9).tolist(), np.cross([1.0, 0, 0], [0.0, 1, 0]).tolist())
print(np.round(np.exp(x), 9).tolist(), np.round(np.arctan2(x, 1.0), 9).tolist(), np.round(np.log1p(x[1:]), 9).tolist())
