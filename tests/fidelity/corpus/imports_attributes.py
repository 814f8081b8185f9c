# What the modules say of themselves.
import collections.abc, importlib.util, json, json.decoder, math, os.path, sys, xml.dom

for module in (json, json.decoder, math, sys, os.path, collections.abc, xml.dom, importlib._bootstrap):
    spec = module.__spec__
    print(module, module.__name__, module.__package__, type(module.__loader__), getattr(module, "__cached__", None))
    print(spec.name, type(spec.loader), spec.origin, spec.cached, spec.parent, spec.has_location, getattr(spec, "_initializing", "none"))
    print(spec.loader is module.__loader__, spec.submodule_search_locations, list(vars(module))[:9])
for name in ("json", "csv", "json.tool", "math", "nothing"):
    print(name, importlib.util.find_spec(name))
print(sys.modules["_frozen_importlib"], sys.modules["_frozen_importlib_external"])
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder

print(BuiltinImporter.find_spec.__qualname__, BuiltinImporter.find_spec.__module__, BuiltinImporter.find_spec)
print(BuiltinImporter.find_spec("math"), BuiltinImporter.find_spec("csv"), FrozenImporter.find_spec("csv"))
print(PathFinder.find_spec("csv"), BuiltinImporter.find_spec.__code__.co_filename)
