#: exit 1
#: 3.12 stderr ValueError: no text
import sys


class Reason:
    def __str__(self):
        raise ValueError("no text")


sys.exit(Reason())
