import atexit, sys


class Said:
    def __del__(self):
        print("del")


thing = Said()
atexit.register(print, "at exit")
sys.setrecursionlimit(8)
