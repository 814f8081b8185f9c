#: cold
#: exit 1
#: stderr SyntaxError: '(' was never closed
print("never")
print("open"
