import time

before = time.monotonic()
time.sleep(0.01)
assert time.monotonic() - before >= 0.009
print("ok")
