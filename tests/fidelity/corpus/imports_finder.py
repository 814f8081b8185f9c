# A finder of the script's own is asked for every module, the library's too.
import sys


class Finder:
    def find_spec(self, name, path=None, target=None):
        print("asked for", name, path is None)
        if name == "binascii":
            raise ImportError("not today")


sys.meta_path.insert(0, Finder())
import string
try:
    import base64
except ImportError as error:
    print(error)
del sys.meta_path[0]
import base64

print(base64.b64encode(b"x"))
