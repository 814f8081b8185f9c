#: stderr     traceback.print_stack()
import inspect, sys, traceback

traceback.print_stack()


def f():
    frame = sys._getframe()
    while frame:
        print(frame.f_code.co_name, frame.f_code.co_filename, frame.f_lineno, frame.f_globals["__name__"])
        frame = frame.f_back
    print([(info.function, info.lineno, info.code_context) for info in inspect.stack()])
    try:
        sys._getframe(2)
    except ValueError as error:
        print(error)
    for _, frames in sys._current_frames().items():
        print(frames.f_code.co_name)
    traceback.print_stack()


f()
print(inspect.currentframe().f_back, inspect.getsource(f).count("\n"), inspect.getmodule(f))
