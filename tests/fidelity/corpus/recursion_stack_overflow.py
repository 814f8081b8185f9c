#: alone
import sys

sys.setrecursionlimit(5000)


def f(n):
    return 0 if n == 0 else 1 + f(n - 1)


print(f(4900))
print(len(repr(__import__("functools").reduce(lambda x, _: [x], range(150), []))))
