#: exit 1
#: stderr Broken: <exception str() failed>
class Broken(Exception):
    def __str__(self):
        raise ValueError


raise Broken
