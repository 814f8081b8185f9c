import gc, weakref


class Node:
    pass


print(gc.get_count()[2] >= 0, gc.isenabled(), gc.get_threshold())
a, b = Node(), Node()
a.b, b.a = b, a
reference = weakref.ref(a, lambda _: print("collected"))
del a, b
print(gc.collect() >= 2, reference())
gc.callbacks.append(lambda phase, info: print(phase, sorted(info)) if phase == "start" else None)
gc.collect()
gc.callbacks.clear()
gc.set_debug(gc.DEBUG_SAVEALL)
a = Node()
a.me = a
del a
gc.collect()
gc.set_debug(0)
print([type(x) for x in gc.garbage if isinstance(x, Node)])
print(any(isinstance(x, Node) for x in gc.get_objects()), gc.is_tracked([]), gc.is_finalized([]))
gc.garbage.clear()
