#: run ["python", "/code/app", "a"]
#: cold
#: exit 1
#: stderr python: can't find '__main__' module in '/code/app'
