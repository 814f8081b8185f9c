#: exit 1
#: stderr LookupError: third
def first():
    raise ValueError("first ü")


def second():
    try:
        first()
    except ValueError as error:
        error.add_note("a note\non two lines")
        raise TypeError("second") from error


try:
    second()
except TypeError:
    raise LookupError("third")
