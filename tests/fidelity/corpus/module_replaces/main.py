#: run ["python", "-m", "main"]
#: env PYTHONPATH=/code
# A module that `-m` names replaces a name that modules of the library take while they are loaded.
import json
import textwrap
import time


class Own:
    def __init__(self):
        self.value = json.dumps(textwrap.dedent("a"))


print(Own().value)
time.monotonic = len
import sched

print(sched._time is len)
