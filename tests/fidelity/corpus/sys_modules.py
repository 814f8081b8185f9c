import sys

print(list(sys.modules))
print([(name, ascii(module)) for name, module in sys.modules.items()])
