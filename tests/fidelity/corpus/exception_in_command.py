#: run ["python", "-c", "def f():\n    raise OSError(2, 'No', '/x')\nf()"]
#: exit 1
#: stderr PermissionError: [Errno 2] No: '/x'
