# What ends with the modules. The order in which a collection finalizes is nobody's promise, so directories tell.
import json, os, sys

import one, two

print("end", one.thing.name)
json.mine = one.Said("attribute of json")
os.mine = one.Said("attribute of os")
