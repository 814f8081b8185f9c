#: run ["python", "/code/not_there.py", "a"]
#: cold
#: exit 2
#: stderr python: can't open file '/code/not_there.py': [Errno 44] No such file or directory
