#: run ["python", "-c", "def f():\n    raise OSError(2, 'No', '/x')\nf()"]
#: exit 1
#: stderr FileNotFoundError: [Errno 2] No: '/x'
