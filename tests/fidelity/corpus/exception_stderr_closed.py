#: exit 1
import sys

sys.stderr.close()
raise ValueError("unheard")
