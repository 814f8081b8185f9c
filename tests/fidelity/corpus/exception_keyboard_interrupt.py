#: exit 130
#: stderr KeyboardInterrupt
import atexit

atexit.register(print, "at exit")
raise KeyboardInterrupt
