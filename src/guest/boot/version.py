"""What differs between versions of CPython, as far as these files do in Python what its C code does.

Each entry names that code. What depends on a version is asked for here, and nowhere else in these files.
"""

import sys

version = sys.version_info[:3]

# `_PyErr_PrintEx`, Python/pythonrun.c: sets `sys.last_exc`.
has_last_exception = version >= (3, 12)

# `run_mod`, Python/pythonrun.c: `-c` imports `linecache` and gives it the command.
command_has_source = version >= (3, 13)

# `parse_exit_code`, Python/pythonrun.c: reads an exit code as a `long long`, and forgets what goes wrong with it or
# with the text of another object.
exit_code_is_long = version >= (3, 13, 1) or (3, 12, 8) <= version < (3, 13)

# `wait_for_thread_shutdown`, Python/pylifecycle.c: reports an error that is left over, where there are no threads.
reports_leftover_error = (3, 12) <= version < (3, 13)

# `flush_std_files` and `wait_for_thread_shutdown`, Python/pylifecycle.c: an ignored error is told with what was done,
# without the object.
says_what_was_ignored = version >= (3, 13)

# The same: in which words.
ignored_while = "while" if version >= (3, 14) else "on"

# `add_main_module`, Python/pylifecycle.c: `__main__` has a dictionary of annotations.
main_has_annotations = version < (3, 14)

# `Py_C_RECURSION_LIMIT`, Include/cpython/pystate.h: more than this is not tried of recursions in C.
deepest = 6000 if (3, 13) <= version < (3, 14) else 2048

# `_PyPathConfig_ComputeSysPath0`, Python/pathconfig.c: the directory of a script is that of its real path, and the
# working directory is that of a module. So it is with `HAVE_REALPATH`, which the C library has that 3.13 and newer
# are built with.
has_real_path = version >= (3, 13)

# `_PyModule_IsPossiblyShadowing`, Objects/moduleobject.c: an import that fails looks at the configured `sys_path_0`.
knows_first_directory = version >= (3, 13)
