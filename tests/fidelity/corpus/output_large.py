import sys

line = "0123456789" * 10 + "\n"
for _ in range(1000):
    sys.stdout.write(line * 100)
sys.stdout.buffer.write(bytes(range(256)) * 80_000)
print("end")
