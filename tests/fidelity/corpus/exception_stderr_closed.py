#: exit 1
#: stderr lost sys.stderr
import sys

sys.stderr.close()
raise ValueError("unheard")
