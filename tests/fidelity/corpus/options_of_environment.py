#: env PYTHONUTF8=1
#: env PYTHONWARNINGS=error
#: env PYTHONDONTWRITEBYTECODE=1
#: env PYTHONOPTIMIZE=1
#: env PYTHONUNBUFFERED=1
#: env PYTHONIOENCODING=latin-1:backslashreplace
#: env PYTHONHASHSEED=0
import sys

print(sys.flags, sys.warnoptions, __debug__)
print(sys.stdout.encoding, sys.stdout.errors, "ü€")
print(list({"a", "b", "c", "d", "e"}), hash("abc"))
