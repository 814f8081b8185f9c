#: seed 7
import random, secrets, uuid, os, tempfile

print(random.random(), secrets.token_hex(), uuid.uuid4(), os.urandom(8), random.SystemRandom().random())
print(random.getstate()[2], random.Random().random(), tempfile.mktemp(dir="/data"))
print(uuid.uuid5(uuid.NAMESPACE_DNS, "x"), uuid.uuid1().version)
