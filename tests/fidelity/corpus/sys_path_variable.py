#: env PYTHONPATH=/code/lib:/data
import sys

print(sys.path)
