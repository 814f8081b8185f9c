import sys


def depth(n=1):
    try:
        return depth(n + 1)
    except RecursionError:
        return n


class Object:
    def __getattr__(self, name):
        return getattr(self, name)

    def __eq__(self, other):
        global compared
        compared += 1
        return [self] == [other]


compared = 0
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
sys.setrecursionlimit(1000)
try:
    Object() == Object()
except RecursionError as error:
    print(error, compared)
try:
    Object().name
except RecursionError as error:
    print(error)
