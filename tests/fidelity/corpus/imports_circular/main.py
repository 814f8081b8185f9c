#: exit 1
#: stderr ImportError: cannot import name 'late' from partially initialized module 'b' (most likely due to a circular import) (/code/b.py)
#: 3.13+ stderr ImportError: cannot import name 'late' from 'b' (consider renaming '/code/b.py' if it has the same name as a library you intended to import)
import c

print(c.d.c is c)
import a
