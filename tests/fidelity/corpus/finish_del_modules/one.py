import posix


class Said:
    def __init__(self, name):
        self.name = name

    def __del__(self, posix=posix):
        posix.mkdir("/data/" + self.name)


thing = Said("of one")
