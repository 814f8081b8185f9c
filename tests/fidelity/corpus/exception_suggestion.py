#: exit 1
#: stderr NameError: name 'lenght' is not defined. Did you mean: 'length'?
length = 1
try:
    import json

    json.dump5
except AttributeError as error:
    print(error)
try:
    len("").x
except AttributeError as error:
    print(error)
print(lenght)
