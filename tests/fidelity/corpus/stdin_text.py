#: stdin "first\r\nsecond ü€\nthird"
import sys

print(repr(sys.stdin.read()), repr(sys.stdin.read()))
