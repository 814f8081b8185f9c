import contextvars, threading


class Said:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


variable = contextvars.ContextVar("variable")
variable.set(Said("in a context variable"))
local = threading.local()
local.thing = Said("in a thread's local")
print("end")
