#: exit 1
#: stderr ValueError: original
import sys

del sys.excepthook
raise ValueError("original")
