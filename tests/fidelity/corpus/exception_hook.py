#: exit 1
import sys, traceback


def hook(kind, error, trace):
    print("hook", kind, error, traceback.format_tb(trace), sys.last_type, sys.last_value is error)
    print([frame.name for frame in traceback.extract_stack()], sys._getframe(0).f_back)
    print(getattr(sys, "last_exc", error) is error)


sys.excepthook = hook
1 / 0
