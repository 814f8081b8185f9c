#: run ["python", "-c", "import sys\nfor name, value in list(globals().items()):\n    print(name, ascii(value))\nprint(sys.argv, sys.orig_argv, sys.path)", "a", "b"]
