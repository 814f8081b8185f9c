import sys

print(sys.argv, sys.path[0], __name__, __file__, __package__, __spec__)
