import hashlib

for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"):
    hashlib.new(name, b"x", usedforsecurity=False).hexdigest()
has = [name for name in ("pbkdf2_hmac", "scrypt") if hasattr(hashlib, name)]
if "pbkdf2_hmac" in has:
    assert hashlib.pbkdf2_hmac("sha256", b"p", b"s", 2).hex().startswith("1998f3d3")
print(" and ".join(f"{'with' if name in has else 'no'} {name}" for name in ("pbkdf2_hmac", "scrypt")))
print("ok")
