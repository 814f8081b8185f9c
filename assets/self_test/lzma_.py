import lzma

assert lzma.decompress(lzma.compress(b"x" * 1000)) == b"x" * 1000
print("ok")
