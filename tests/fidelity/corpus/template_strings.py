#: run ["python", "{}", "x"]
name = "ü"
print(f"{name!r:>6} {name=} {1_000:,} {3.14159:.2f} {'nested ' + f'{name}'}", "%-5s|" % name, "{0[a]}".format({"a": 1}), sep="\n")
