#: exit 1
#: stderr ValueError: again
import sys, traceback


def f():
    raise ValueError("again")


try:
    f()
except ValueError as error:
    kept = error
    print(traceback.format_exc())
    print(traceback.format_exception_only(error), sys.exc_info()[1] is error)
    trace = error.__traceback__
    while trace:
        print(trace.tb_lineno, trace.tb_lasti, trace.tb_frame.f_code.co_qualname, trace.tb_frame.f_back)
        trace = trace.tb_next
raise kept
