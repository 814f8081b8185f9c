#: exit 1
#: stderr ValueError: original
import sys

sys.excepthook = None
sys.excepthook = sys.__excepthook__
print(sys.excepthook)
raise ValueError("original")
