import io, sys

sys.stdout = io.TextIOWrapper(sys.stdout.detach(), encoding="latin-1")
print("detached ü")
