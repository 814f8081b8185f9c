#: exit 1
#: stderr the reason: ü
import sys

print("out")
sys.exit("the reason: ü")
