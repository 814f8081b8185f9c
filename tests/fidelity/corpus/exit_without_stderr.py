#: exit 1
#: stderr nowhere to say
import sys

sys.stderr = None
sys.exit("nowhere to say")
