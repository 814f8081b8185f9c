#: stdin "one\ntwo\n\nfour"
import sys

print(repr(sys.stdin.readline()))
print(repr(input("> ")))
for line in sys.stdin:
    print(repr(line))
try:
    input()
except EOFError as error:
    print(repr(error))
