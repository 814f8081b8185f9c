import importlib, importlib.util, os, pkgutil, sys

import one
from package import sub, name
import package.nested.leaf as leaf, package

print(one.value, sub.value, name, leaf.value, one.__file__, one.__cached__, one.__spec__)
print(package.__path__, package.__spec__.submodule_search_locations, package.nested)
print([m.name for m in pkgutil.walk_packages(["/code"])])
print(importlib.import_module(".sub", "package") is sub, importlib.util.find_spec("package.nothing"))
one.value = 0
print(importlib.reload(one) is one, one.value)
del sys.modules["one"]
import one as again
print(again is one, again.value)
print([name for name in sys.modules if name.partition(".")[0] in ("one", "package")])
print(importlib.resources.files("package").joinpath("text.txt").read_text() if hasattr(importlib, "resources") else "")
import namespace_package.module
print(namespace_package.__path__, namespace_package.module.value)
