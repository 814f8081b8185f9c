#: exit 1
#: stderr RecursionError: maximum recursion depth exceeded
def f(n):
    f(n + 1)


f(0)
