#: exit -1
import sys

sys.exit(-0x80000001)
