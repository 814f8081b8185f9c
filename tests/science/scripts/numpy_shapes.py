"""Shapes, slices, broadcasting, sorting."""

import numpy as np

a = np.arange(24, dtype=np.int64).reshape(2, 3, 4)
print(a.shape, a.strides, a.T.shape, a[..., ::2].tolist()[0])
print(a[:, [0, 2], 1:3].tolist(), a[a % 5 == 0].tolist(), a[1, ::-1, -1].tolist())
print((a[0] + np.array([[100], [200], [300]], dtype=np.int64)).tolist())
print(a.sum(axis=(0, 2), dtype=np.int64).tolist(), a.mean(axis=1).tolist(), a.max(axis=2).tolist())
print(np.concatenate([a[0], a[1]], axis=1).tolist(), np.stack([a[0, 0], a[1, 0]]).tolist())
print(np.where(a[0] > 5, a[0], -1).tolist(), [each.tolist() for each in np.nonzero(a[0] > 8)])
print([each.tolist() for each in np.array_split(np.arange(7, dtype=np.int64), 3)])
print(np.tile(np.array([1, 2], dtype=np.int64), (2, 2)).tolist(), np.repeat(np.array([1, 2], dtype=np.int64), [2, 3]).tolist())
print(np.pad(np.array([1, 2], dtype=np.int64), 2, mode="reflect").tolist(), np.roll(np.arange(5, dtype=np.int64), 2).tolist())
words = np.array([3, 1, 2], dtype=np.int64)
print(np.sort(words).tolist(), np.argsort(words, kind="stable").tolist(), np.partition(words, 1)[1].item())
print(np.lexsort((np.array([1, 2, 1]), np.array(["b", "a", "a"]))).tolist())
print(np.sum(np.meshgrid(np.arange(3), np.arange(2)), axis=0).tolist())
print(np.lib.stride_tricks.sliding_window_view(np.arange(6, dtype=np.int64), 3).tolist())
print(np.apply_along_axis(lambda row: row[::-1], 1, a[0]).tolist(), list(np.ndindex(2, 2)))
try:
    a + np.ones(7)
except ValueError as error:
    print(error)
