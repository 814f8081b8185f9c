import os

a = os.open("/data/x", os.O_RDWR | os.O_CREAT | os.O_EXCL)
b = os.open("/data/x", os.O_RDONLY)
print(a, b, os.write(a, b"abc"), os.pread(b, 2, 1), os.lseek(b, 0, 2))
os.close(a)
c = os.open("/data/y", os.O_WRONLY | os.O_CREAT)
print(c, [f for f in range(12) if valid(f)] if "valid" in globals() else "")


def valid(descriptor):
    try:
        os.fstat(descriptor)
        return True
    except OSError:
        return False


print([descriptor for descriptor in range(20) if valid(descriptor)])
print(open("/data/z", "w").fileno())
