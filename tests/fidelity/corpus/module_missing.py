#: run ["python", "-m", "this_is_no_module"]
#: exit 1
#: stderr : No module named this_is_no_module
