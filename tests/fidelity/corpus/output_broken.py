#: exit 120
#: stderr ZeroDivisionError: division by zero
import sys


class Broken:
    closed = False

    def write(self, text):
        return len(text)

    def flush(self):
        1 / 0

    def __repr__(self):
        return "<broken>"


sys.stdout = Broken()
