import sys

print(sys.argv, sys.orig_argv, sys.argv is sys.orig_argv)
