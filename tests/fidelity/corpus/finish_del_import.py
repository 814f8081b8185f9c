#: stderr ImportError: sys.meta_path is None, Python is likely shutting down
class Said:
    def __del__(self):
        import sys

        print("sys is there", sys.modules, sys.path, sys.stdout is not None)
        import textwrap


thing = Said()
