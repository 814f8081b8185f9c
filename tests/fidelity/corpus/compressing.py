import base64, binascii, bz2, gzip, hashlib, hmac, zlib

print(zlib.crc32(b"x"), len(zlib.compress(b"x" * 999)), gzip.decompress(gzip.compress(b"abc")), hashlib.sha256(b"x").hexdigest())
print(hmac.new(b"k", b"m", "sha1").hexdigest(), base64.b85encode(b"abc"), binascii.crc_hqx(b"x", 0), sorted(hashlib.algorithms_guaranteed))
