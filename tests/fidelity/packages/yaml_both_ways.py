"""Loads and dumps, refuses."""
#: stderr     ^
#: exit 1

import yaml

data = yaml.safe_load("a: [1, 2.5, 2020-01-02]\nb: &x {c: null}\nd: *x\n")
print(data)
print(yaml.safe_dump(data, sort_keys=False))
yaml.safe_load("!!python/name:os.system")
