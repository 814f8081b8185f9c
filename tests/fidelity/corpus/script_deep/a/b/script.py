import sys

import neighbour

print(__file__, sys.path[0], neighbour.__file__)
