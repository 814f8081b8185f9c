#: exit 1
#: stderr NameError: name 'json' is not defined
print(json.dumps(1))
