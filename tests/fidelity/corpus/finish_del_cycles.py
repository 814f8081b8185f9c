import gc


class Said:
    def __init__(self, name):
        self.name, self.me = name, self

    def __del__(self):
        print("del", self.name)


kept = Said("kept")
Said("garbage")
other = Said("other")
other.friend = kept
gc.disable()
Said("garbage while the collector is off")
print("end")
