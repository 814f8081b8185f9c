#: exit 1
#: stderr ValueError: original
import sys

sys.excepthook = None
raise ValueError("original")
