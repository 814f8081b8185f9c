# Which globals a finalizer still sees.
class Said:
    def __del__(self):
        print(sorted(name for name, value in globals().items() if value is not None))
        try:
            import json
        except ImportError as error:
            print("import", error)


first = 1
thing = Said()
last = 2
_private = 3
