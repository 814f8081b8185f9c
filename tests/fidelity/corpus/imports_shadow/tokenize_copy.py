import token

print(token.__file__)
