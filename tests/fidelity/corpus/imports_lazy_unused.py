# A lazy module that nobody touches is not loaded at the end either.
import importlib.util, sys

with open("/data/lazy.py", "w") as file:
    file.write("print('loaded')\n")
sys.path.insert(0, "/data")
sys.dont_write_bytecode = True
spec = importlib.util.find_spec("lazy")
loader = importlib.util.LazyLoader(spec.loader)
spec.loader = loader
module = importlib.util.module_from_spec(spec)
sys.modules["lazy"] = module
loader.exec_module(module)
print("end")
