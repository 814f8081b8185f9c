#: exit -1
#: 3.12 stderr OverflowError: Python int too large to convert to C long
#: 3.13+ exit 2147483647
import sys

sys.exit(-0x80000001)
