#: run ["python", "-W", "error", "{}"]
#: cold
#: exit 1
#: stderr SyntaxError: "is" with a literal. Did you mean "=="?
x = 1
print(x is 1)
