import io, sys


class Said:
    def __del__(self):
        print("del")


thing = Said()
sys.stdout = io.StringIO()
print("into memory")
