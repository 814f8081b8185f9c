#: run ["python", "-m", "main"]
#: env PYTHONPATH=/code
#: exit 6
import sys

sys.exit(6)
