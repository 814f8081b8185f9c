#: run ["python", "-m", "cProfile", "-h"]
