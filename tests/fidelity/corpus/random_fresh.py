import random, secrets, uuid, os, tempfile

values = [random.random(), secrets.token_hex(), uuid.uuid4(), os.urandom(8), random.SystemRandom().random()]
print(len(set(map(str, values))), 0 <= values[0] < 1, len(values[1]), values[2].version)
print(random.getstate()[2], len(tempfile.mktemp(dir="/data")))
print(uuid.uuid5(uuid.NAMESPACE_DNS, "x"), uuid.uuid1().version)
