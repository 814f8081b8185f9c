import sys


class Broken:
    def __del__(self):
        raise ValueError("ignored")

    def __repr__(self):
        return "<broken>"


def hook(info):
    print(type(info), info.exc_type, info.exc_value, info.err_msg, ascii(info.object)[:30], info.exc_traceback.tb_lineno)


sys.unraisablehook = hook
Broken()
thing = Broken()
print("end")
