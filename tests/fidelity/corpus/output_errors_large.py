#: stderr no end of line yet end
import sys

for i in range(200):
    print("line", i, file=sys.stderr)
sys.stderr.write("no end of line yet ")
sys.stderr.buffer.write(b"bytes\n")
print("end", file=sys.stderr)
