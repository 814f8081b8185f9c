"""An exception that nothing handles."""


def inner(value):
    return {}[value]


def outer():
    try:
        inner("missing")
    except KeyError as error:
        raise ValueError("outer failed") from error


print("before")
outer()
