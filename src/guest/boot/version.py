"""What differs between versions of CPython, as far as these files do in Python what its C code does.

Each entry names that code. What depends on a version is asked for here, and nowhere else in these files.
"""

import sys

version = sys.version_info[:3]

# `_PyErr_PrintEx`, Python/pythonrun.c: sets `sys.last_exc`.
has_last_exception = version >= (3, 12)

# `run_mod`, Python/pythonrun.c: `-c` imports `linecache` and gives it the command.
command_has_source = version >= (3, 13)

# `parse_exit_code`, Python/pythonrun.c: reads an exit code as a `long long` and forgets what goes wrong, there and with the
# text of another object.
exit_code_is_long = version >= (3, 13, 1) or (3, 12, 8) <= version < (3, 13)

# `wait_for_thread_shutdown`, Python/pylifecycle.c: reports an error that is left over, where there are no threads.
reports_leftover_error = (3, 12) <= version < (3, 13)

# `flush_std_files` and `wait_for_thread_shutdown`, Python/pylifecycle.c: what was done is told of an ignored error, not with
# which object.
says_what_was_ignored = version >= (3, 13)

# `_PyPathConfig_ComputeSysPath0`, Python/pathconfig.c: the directory of a script is that of its real path, and for a module
# it is the working directory. That depends on `HAVE_REALPATH`: the C library with which 3.13 and newer are built has it.
has_real_path = version >= (3, 13)

# `_PyModule_IsPossiblyShadowing`, Objects/moduleobject.c: an import that fails looks at `sys_path_0` of the configuration.
knows_first_directory = version >= (3, 13)
