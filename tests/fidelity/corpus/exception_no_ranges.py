#: run ["python", "-X", "no_debug_ranges", "{}"]
#: exit 1
#: stderr ZeroDivisionError: division by zero
print((1 + 1) / (1 - 1))
