#: stderr WARNING:root:from atexit, after logging's own
import atexit


def last():
    import logging

    logging.warning("from atexit, after logging's own")
    print(open("/data/log").read())


def first():
    import logging

    logging.getLogger("file").warning("from atexit, before logging's own")


atexit.register(last)
import logging, logging.handlers

handler = logging.FileHandler("/data/log")
memory = logging.handlers.MemoryHandler(100, target=handler)
logging.getLogger("file").addHandler(memory)
logging.getLogger("file").propagate = False
logging.getLogger("file").warning("kept until the end")
atexit.register(first)
print(repr(open("/data/log").read()))
