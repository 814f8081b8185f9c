import sys

print(__file__, sys.argv, sys.orig_argv, sys.path[0], __loader__.get_filename("__main__"))
1 / 0
