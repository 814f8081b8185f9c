"""Masked arrays, values that are not numbers, complex numbers, how arrays are printed."""

import warnings

import numpy as np
import numpy.ma as ma

data = ma.masked_invalid(np.array([1.0, np.nan, 3.0, np.inf]))
print(data, data.mean(), data.filled(-1).tolist(), data.count(), data.mask.tolist())
print(ma.masked_where(np.arange(5) > 2, np.arange(5, dtype=np.int64)).sum(), ma.median(data))
print(np.nanmean([1.0, np.nan, 3.0]), np.nansum([np.nan, 2.0]), np.nan_to_num([np.nan, np.inf], posinf=9.0).tolist())
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(np.nanmean([np.nan]))
print([str(each.message) for each in caught])
with np.errstate(all="ignore"):
    print(np.array([1.0, -1.0, 0.0]) / np.array([0.0, 0.0, 0.0]))
z = np.array([3 + 4j, 1j, -1.0])
print(np.abs(z).tolist(), np.angle(z).round(9).tolist(), np.conj(z).tolist(), np.sqrt(z).round(9).tolist())
print(np.array([[1.5, 2.0], [1e10, -3.25]]), repr(np.array([0.1, 1 / 3], dtype=np.float32)))
print(np.array2string(np.linspace(0, 1, 3), precision=2), np.arange(2000, dtype=np.int64))
with np.printoptions(precision=3, suppress=True):
    print(np.array([1e-7, 12345.6789]))
print(np.float64(0.1) + np.float64(0.2), np.float32(0.1), np.isclose(0.1 + 0.2, 0.3), np.spacing(1.0))
print(np.array([True, False]).any(), np.logical_xor([True, False], True).tolist(), np.sign([-2.0, 0.0]).tolist())
