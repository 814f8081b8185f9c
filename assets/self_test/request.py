"""What a request is given: arguments, variables, standard input."""

import os
import sys

assert sys.argv == ["/code/request.py", "a=1", "b=%20"], sys.argv
assert os.environ["QUERY_STRING"] == "a=1&b=%20"
body = sys.stdin.buffer.read()
assert body == "name=Zoë\r\n".encode(), body
print(__name__, __file__, sys.path[0], os.getcwd())
