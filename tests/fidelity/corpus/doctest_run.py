"""
>>> 1 + 1
2
>>> 1 / 0
Traceback (most recent call last):
...
ZeroDivisionError: division by zero
>>> 1
2
"""
import doctest

print(doctest.testmod())
