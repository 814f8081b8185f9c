import bz2

assert bz2.decompress(bz2.compress(b"x" * 1000)) == b"x" * 1000
print("ok")
