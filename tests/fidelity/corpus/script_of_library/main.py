#: run ["python", "/code/run.txt"]
