#: exit 1
#: stderr NameError: name 'json' is not defined. Did you forget to import 'json'?
print(json.dumps(1))
