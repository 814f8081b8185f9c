import json, logging, os, sys

import one, two

print("end", one.thing.name)
json.mine = one.Said("attribute of json")
os.mine = one.Said("attribute of os")
logging.getLogger("x").mine = one.Said("attribute of a logger")
