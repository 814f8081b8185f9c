"""Modules that calculate."""

import decimal
import fractions
import heapq
import math
import random
import statistics
import struct

decimal.getcontext().prec = 40
print(decimal.Decimal(2).sqrt(), fractions.Fraction(1, 3) + fractions.Fraction(1, 6))
print(2**200, math.factorial(30), math.isqrt(10**30), round(2.675, 2), 0.1 + 0.2, float("nan"), -0.0)
print(math.sin(1), math.exp(1), math.gamma(5.5), math.hypot(3, 4))
print(statistics.mean([1, 2, 3, 4]), statistics.pstdev([1, 2, 3, 4]), heapq.nsmallest(2, [3, 1, 2]))
print(random.Random(1).sample(range(100), 5), struct.pack("<hIdq", 1, 2, 3.5, -4).hex())
assert random.random() != random.random()
