#: env PYTHONINSPECT=1
#: cold
#: exit 1
#: stderr SystemExit: 3
import sys

sys.exit(3)
