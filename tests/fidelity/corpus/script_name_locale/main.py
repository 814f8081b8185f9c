#: run ["python", "/code/ü.py", "ü"]
#: env LC_ALL=C
#: env PYTHONCOERCECLOCALE=0
#: env PYTHONUTF8=0
