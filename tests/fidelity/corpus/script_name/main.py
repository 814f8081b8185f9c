#: run ["python", "/code/ü €.py", "ü"]
#: exit 1
#: stderr ZeroDivisionError: division by zero
