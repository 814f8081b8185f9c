#: exit 1
#: stderr as text
import sys


class Reason:
    def __str__(self):
        return "as text"

    def __repr__(self):
        return "as repr"


sys.exit(Reason())
