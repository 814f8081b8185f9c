import gzip
import zipfile  # noqa: F401
import zlib

assert zlib.decompress(zlib.compress(b"x" * 1000)) == b"x" * 1000
assert gzip.decompress(gzip.compress(b"y" * 1000)) == b"y" * 1000
print(zlib.ZLIB_RUNTIME_VERSION)
print("ok")
