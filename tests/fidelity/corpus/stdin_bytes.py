#: stdin "a=1&b=\u00fc\r\n\u0000rest"
import os, sys

print(sys.stdin.buffer.read(3), sys.stdin.buffer.peek(1)[:4], os.read(0, 10), sys.stdin.buffer.read())
