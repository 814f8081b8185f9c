import gc, sys

print(sys.getrecursionlimit(), sys.getswitchinterval(), sys.getdlopenflags() if hasattr(sys, "getdlopenflags") else "")
print(sys.gettrace(), sys.getprofile(), sys.get_asyncgen_hooks(), sys.get_coroutine_origin_tracking_depth())
print(sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__)
print(sys.breakpointhook is sys.__breakpointhook__, sys.unraisablehook is sys.__unraisablehook__)
print(sys.exc_info(), hasattr(sys, "last_type"), hasattr(sys, "last_exc"), sys.is_finalizing())
print(gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.callbacks, gc.garbage)
for stream in (sys.stdin, sys.stdout, sys.stderr):
    print(stream.name, stream.mode, stream.encoding, stream.errors, stream.line_buffering, stream.write_through)
    print(stream.isatty(), stream.closed, stream.fileno(), stream.newlines, stream.buffer, stream.buffer.raw)
print(sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__)
print(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), sys.getdefaultencoding())
print(sys.stdout.buffer.raw.seekable(), sys.stdin.seekable(), sys.get_int_max_str_digits())
print(len(sys._current_frames()), len(sys._current_exceptions()))
