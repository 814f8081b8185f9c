import sys


def depth(n=1):
    try:
        return depth(n + 1)
    except RecursionError:
        return n


print(depth(), depth())
sys.setrecursionlimit(300)
print(depth())
for limit in (5, 20):
    try:
        sys.setrecursionlimit(limit)
        print(depth())
    except RecursionError as error:
        sys.setrecursionlimit(300)
        print(limit, error)
