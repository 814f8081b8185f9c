import importlib, importlib.util, sys

spec = importlib.util.find_spec("csv")
loader = importlib.util.LazyLoader(spec.loader)
spec.loader = loader
module = importlib.util.module_from_spec(spec)
sys.modules["csv"] = module
loader.exec_module(module)
print("_csv" in sys.modules)
print(module.QUOTE_ALL, "_csv" in sys.modules)
print(importlib.import_module("concurrent.futures").Future, importlib.import_module("json").__name__)
print(importlib.import_module("xml.sax.handler").__name__)
print(importlib.__import__("http.server").__name__)
