#: exit 1
#: stderr RecursionError: maximum recursion depth exceeded while calling a Python object
def odd(n):
    return even([n])


def even(n):
    return odd([n])


try:
    odd(1)
except RecursionError as error:
    print(error)
raise RecursionError("maximum recursion depth exceeded while calling a Python object")
