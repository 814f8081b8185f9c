import os, subprocess, traceback

for call in (lambda: subprocess.run(["true"]), lambda: os.system("true"), lambda: os.fork(), lambda: os.popen("ls")):
    try:
        print(call())
    except BaseException:
        print(traceback.format_exc())
