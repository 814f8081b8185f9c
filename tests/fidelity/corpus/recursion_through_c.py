# Calls from C to Python and back reach CPython's limit before its stack is exhausted.
class Compared:
    def __eq__(self, other):
        return [self] == [other]


class Shown:
    def __repr__(self):
        return repr([Shown()])


class Sought:
    def __getattr__(self, name):
        return getattr(self, name + "x")


for function in (lambda: Compared() == Compared(), lambda: repr(Shown()), lambda: Sought().y):
    try:
        function()
    except RecursionError as error:
        print(type(error))
