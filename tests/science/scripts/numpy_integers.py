"""Integers of a given size: sums, overflow, bits."""

import numpy as np

numbers = np.arange(1, 100_001, dtype=np.int64)
print(numbers.sum(), numbers.prod(where=numbers < 16), (numbers**3).sum())
print(np.cumsum(numbers[:10], dtype=np.int64).tolist(), np.diff(numbers[:5] ** 2).tolist())
print(np.iinfo(np.int64).max, np.iinfo(np.int32).min, np.iinfo(np.uint8).max)
small = np.array([250, 251, 255], dtype=np.uint8)
print((small + np.uint8(10)).tolist(), (small.astype(np.int64) + 10).tolist())
print(np.bitwise_and(small, 0x0F).tolist(), np.left_shift(small, 1).tolist(), np.invert(small).tolist())
print(np.unpackbits(small[:1]).tolist(), np.packbits([1, 0, 1, 0, 1, 0, 1, 0]).tolist())
print((numbers[:6] // 4).tolist(), (numbers[:6] % 4).tolist(), (-numbers[:6] // 4).tolist(), (-numbers[:6] % 4).tolist())
print(np.gcd(numbers[10:14], 12).tolist(), np.lcm(numbers[10:14], 12).tolist())
print(np.bincount(np.array([1, 1, 2, 5], dtype=np.int64)).tolist())
values, counts = np.unique(np.array([3, 1, 3, 2, 1], dtype=np.int64), return_counts=True)
print(values.tolist(), counts.tolist())
print(np.searchsorted(numbers, [5, 50, 500]).tolist(), np.clip(numbers[:6], 2, 4).tolist())
print(np.array([1, 2], dtype=np.int64).dtype, np.array([1], dtype="<i4").dtype.itemsize, np.dtype("u2").name)
print(np.divmod(np.int64(-7), np.int64(3)), int(np.int64(2) ** np.int64(40)))
with np.errstate(divide="ignore"):
    print((np.array([1, 2], dtype=np.int64) // np.array([0, 1], dtype=np.int64)).tolist())
