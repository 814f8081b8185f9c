import hashlib
import hmac
import warnings

# Of 3.11, where it is written in Python.
warnings.simplefilter("ignore", DeprecationWarning)
# RFC 7914, 11 and 12.
if hasattr(hashlib, "pbkdf2_hmac"):
    key = hashlib.pbkdf2_hmac("sha256", b"passwd", b"salt", 1, 64)
    print("pbkdf2_hmac", key.hex()[:32] == "55ac046e56e3089fec1691c22544b605")
if hasattr(hashlib, "scrypt"):
    key = hashlib.scrypt(b"password", salt=b"NaCl", n=1024, r=8, p=16, maxmem=2**25, dklen=64)
    print("scrypt", key.hex()[:32] == "fdbabe1c9d3472007856e7190d01e9fe")
    try:
        hashlib.scrypt(b"password", salt=b"NaCl", n=2**20, r=8, p=1)
    except ValueError as error:
        print(error)
print(sorted(hashlib.algorithms_available))
print(hmac.new(b"key", b"message", "sha512").hexdigest(), hmac.digest(b"key", b"message", "md5").hex())
hash = hashlib.sha256(b"a")
copy = hash.copy()
hash.update(b"b")
print(hash.hexdigest(), copy.hexdigest(), type(hash).__name__)
