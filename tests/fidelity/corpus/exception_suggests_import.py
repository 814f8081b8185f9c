#: exit 1
#: stderr NameError: name 'json' is not defined. Did you forget to import 'json'?
#: 3.11 stderr NameError: name 'json' is not defined
print(json.dumps(1))
