#: stderr   print("\d" is 1)
import sys

sys.dont_write_bytecode = True
import warns
