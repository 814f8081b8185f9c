#: exit 1
#: stderr (1, 'two')
import sys

sys.exit((1, "two"))
