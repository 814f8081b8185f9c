#: run ["python", "/code/app", "a"]
