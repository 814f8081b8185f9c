import os, sys

print("one")
os.write(1, b"two\n")
print("three", flush=True)
sys.stdout.buffer.write(b"four\n")
print("five")
sys.stdout.buffer.write(b"six\n")
os.write(1, b"seven\n")
