#: exit 1
#: stderr nowhere to say
import sys

del sys.stderr
sys.exit("nowhere to say")
