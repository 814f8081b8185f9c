#: run ["python", "-W", "always", "{}"]
import os, tempfile, warnings

warnings.showwarning = lambda message, *rest: print("shown", str(message)[:30])
d = tempfile.TemporaryDirectory(dir="/data")
print(len(os.listdir("/data")))
