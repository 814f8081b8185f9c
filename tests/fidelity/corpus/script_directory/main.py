#: cold
#: run ["python", "/code/app", "a"]
