#: exit 1
#: stderr ImportError: cannot import name 'late' from partially initialized module 'b' (most likely due to a circular import) (/code/b.py)
import c

print(c.d.c is c)
import a
