import os, sys

print(sys.path)
print(sys.path_hooks, sys.meta_path)
print(list(sys.path_importer_cache))
print(os.getcwd())
