#: run ["python", "/code/app", "a"]
#: cold
#: exit 1
#: stderr : can't find '__main__' module in '/code/app'
