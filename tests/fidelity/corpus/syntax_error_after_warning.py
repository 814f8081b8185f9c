#: cold
#: exit 1
#: stderr SyntaxError: 'return' outside function
print(1 is 1)
return
