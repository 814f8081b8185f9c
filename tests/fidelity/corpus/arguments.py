#: run ["python", "{}", "arg1=value1", "", "a b", "ü=€", "-u", "--", "-c"]
import sys

print(ascii(sys.argv))
print(ascii(sys.orig_argv))
