import weakref


class Thing:
    pass


thing, other = Thing(), Thing()
weakref.finalize(thing, print, "finalizer of thing")
final = weakref.finalize(other, print, "finalizer of other")
final.atexit = False
reference = weakref.ref(other, lambda _: print("callback"))
last = Thing()
weakref.finalize(last, print, "finalizer of last")
del thing
print("end")
