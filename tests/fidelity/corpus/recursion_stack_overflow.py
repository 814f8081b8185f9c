#: trap out of bounds memory access
# Calls from C to Python and back exhaust the guest's stack before CPython's own limit.
import os


class Object:
    def __eq__(self, other):
        os.write(1, b".")
        return [self] == [other]


Object() == Object()
