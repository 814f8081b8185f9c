#: exhausted
# Calls from C to Python and back exhaust the guest's stack before CPython's own limit.
class Object:
    def __eq__(self, other):
        return [self] == [other]


print("lost")
Object() == Object()
