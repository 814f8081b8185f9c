"""Run with `-I` and with `-E`: neither of which lets variables tell where the library is."""

import json
import os
import sys

assert sys.flags.ignore_environment
print(sys.flags.isolated, sys.path[0] == "/code", json.dumps(sorted(os.environ)))
print("ok")
