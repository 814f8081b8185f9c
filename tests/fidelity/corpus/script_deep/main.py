#: run ["python", "/code/a/b/script.py"]
