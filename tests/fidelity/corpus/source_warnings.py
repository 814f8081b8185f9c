#: stderr   print(x is 1, "\d")
x = 1
assert (x, "always true")
print(x is 1, "\d")
