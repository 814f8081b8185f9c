name = __name__
print("loading", __name__, __package__, __path__)
