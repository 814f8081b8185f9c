#: run ["python", "-X", "int_max_str_digits=640", "{}", "a"]
import sys

print(sys.flags, sys.argv, sys.orig_argv, sys.warnoptions, sys._xoptions)
print(sys.get_int_max_str_digits(), list(compile("x", "", "eval").co_positions())[:2], list(sys.modules))
