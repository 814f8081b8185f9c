#: exit 1
#: stderr NameError: name 'missing' is not defined. Did you forget to import 'missing'?
code = compile("def f():\n    return missing\n\nf()", "<made>", "exec")
try:
    exec(code)
except NameError as error:
    print(error, error.__traceback__.tb_next.tb_frame.f_code.co_filename)
import linecache

linecache.cache["<made>"] = 10, None, ["def f():\n", "    return missing\n", "\n", "f()"], "<made>"
try:
    exec(code)
except NameError as error:
    raise NameError("name 'missing' is not defined. Did you forget to import 'missing'?") from error
