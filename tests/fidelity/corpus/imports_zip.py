import sys, zipfile

with zipfile.ZipFile("/data/lib.zip", "w") as archive:
    archive.writestr(zipfile.ZipInfo("zipped.py"), "value = __file__\n")
    archive.writestr(zipfile.ZipInfo("graphlib.py"), "mine = 'from the archive'\n")
    archive.writestr(zipfile.ZipInfo("package/__init__.py"), "")
sys.path.insert(0, "/data/lib.zip")
import zipped, package, graphlib

print(zipped.value, package.__path__, zipped.__loader__, graphlib.mine)
sys.path[0] = "/data/none.zip"
import shlex

print(shlex.split("a 'b c'"))
