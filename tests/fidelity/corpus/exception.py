#: exit 1
#: stderr ZeroDivisionError: division by zero
def outer():
    return inner(0)


def inner(n):
    return 1 / n + (
        2 / n
    )


print("before")
outer()
