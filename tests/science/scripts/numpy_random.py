"""Random numbers of a seed are the same everywhere."""

import numpy as np

rng = np.random.default_rng(20261130)
print(rng.integers(0, 1000, size=8, dtype=np.int64).tolist())
print(rng.random(4).round(12).tolist())
print(rng.normal(10.0, 2.0, 4).round(9).tolist())
print(rng.exponential(1.5, 3).round(9).tolist())
print(rng.permutation(np.arange(8, dtype=np.int64)).tolist())
print(rng.choice(["a", "b", "c"], size=6, p=[0.5, 0.3, 0.2]).tolist())
print(rng.multivariate_normal([0.0, 1.0], [[1.0, 0.2], [0.2, 2.0]], size=2, method="cholesky").round(7).tolist())
old = np.random.RandomState(42)
print(old.rand(3).round(12).tolist(), old.randn(2).round(9).tolist())
print(old.randint(0, 100, 5, dtype=np.int64).tolist())
np.random.seed(7)
print(np.random.rand(2).round(12).tolist(), np.random.uniform(1.0, 2.0, 2).round(12).tolist())
print([round(float(each.random()), 12) for each in np.random.default_rng(1).spawn(2)])
print(np.random.Generator(np.random.MT19937(3)).integers(0, 10**12, 3, dtype=np.int64).tolist())
print(np.random.Generator(np.random.Philox(3)).random(2).round(12).tolist())
