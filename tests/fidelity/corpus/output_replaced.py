import io, sys


class Upper(io.TextIOBase):
    def write(self, text):
        sys.__stdout__.write(text.upper())
        return len(text)

    def flush(self):
        sys.__stdout__.write("(flush)")


sys.stdout = Upper()
print("hello")
