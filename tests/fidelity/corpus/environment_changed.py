#: env A=1
#: env B=2
import os, posix

os.environ["C"] = "3"
del os.environ["A"]
print(sorted(set(os.environ) - {"PYTHONHOME"}), sorted(set(posix.environ) - {b"PYTHONHOME"}))
os.putenv("D", "4")
os.unsetenv("B")
print(os.getenv("B"), os.getenv("D"), os.environ.pop("B"), os.environ.get("B"))
os.environ.update(E="5")
os.environ |= {"F": "6"}
print(sorted(set(os.environ) - {"PYTHONHOME"}))
try:
    del os.environ["A"]
except KeyError as error:
    print(repr(error))
for wrong in ("x=y", "nul\0"):
    try:
        os.environ[wrong] = "1"
    except ValueError as error:
        print(repr(error))
os.environ.clear()
print(os.environ, posix.environ)
