import runpy, sys

with open("/data/script.py", "w") as file:
    file.write("import sys\nprint(__name__, __file__, sys.argv[0])\nresult = 5\n")
print(runpy.run_path("/data/script.py")["result"], sys.argv[0])
print(sorted(runpy.run_path("/data/script.py", run_name="__main__")))
print(runpy.run_module("keyword", run_name="x")["__name__"])
