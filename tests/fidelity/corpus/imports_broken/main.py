#: exit 1
#: stderr ZeroDivisionError: division by zero
import sys, traceback

for name in ("syntax", "indented", "nulls", "undecodable", "wants_missing"):
    try:
        __import__(name)
    except Exception:
        print(traceback.format_exc(), name in sys.modules)
import raises
