#: run ["python", "-m", "this_is_no_module"]
#: exit 1
#: stderr python: No module named this_is_no_module
