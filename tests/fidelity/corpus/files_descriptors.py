# Descriptors are distinct, in order, and gone when they are closed. (Which numbers they have is not a request's business.)
import os

a = os.open("/data/x", os.O_RDWR | os.O_CREAT | os.O_EXCL)
b = os.open("/data/x", os.O_RDONLY)
print(b - a, os.write(a, b"abc"), os.pread(b, 2, 1), os.lseek(b, 0, 2))
os.close(a)
try:
    os.write(a, b"x")
except OSError as error:
    print(error)
os.close(b)
c = os.open("/data/y", os.O_WRONLY | os.O_CREAT)
print(os.fstat(c).st_size, os.write(c, b"y"))
print(open("/data/z", "w").closed)
