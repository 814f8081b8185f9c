"""Calls that go too deep are an exception, and nothing worse."""


def deeper(n):
    return deeper(n + 1) + 1


try:
    deeper(0)
except RecursionError as error:
    print(type(error).__name__, error)
print(eval("(" * 50 + "1" + ")" * 50))
