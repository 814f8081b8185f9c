#: exit 1
import sys


class Collect:
    def __init__(self):
        self.texts = []

    def write(self, text):
        print("written", repr(text))

    def flush(self):
        print("flushed")


sys.stderr = Collect()
sys.exit("reason")
