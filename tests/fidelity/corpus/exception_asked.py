#: exit 1
#: stderr Loud: loud
import sys


class Loud(Exception):
    def __str__(self):
        print("asked for its text")
        return "loud"

    def __getattribute__(self, name):
        print("asked for", name)
        return super().__getattribute__(name)


def hook(kind, error, traceback):
    print(kind, type(error), traceback.tb_lineno)
    sys.__excepthook__(kind, error, traceback)


sys.excepthook = hook
raise Loud
