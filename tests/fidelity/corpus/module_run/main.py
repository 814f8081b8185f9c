#: run ["python", "-m", "main", "a"]
#: env PYTHONPATH=/code
import sys

for name, value in list(globals().items()):
    print(name, ascii(value))
print(sys.argv, sys.orig_argv, sys.path)
print(list(sys.modules))
