import tempfile, os

tempfile.tempdir = "/data"
a = tempfile.NamedTemporaryFile()
a.write(b"x")
b = tempfile.mkdtemp(prefix="kept", suffix="")
os.rename(b, "/data/kept")
c = tempfile.TemporaryFile()
c.write(b"y")
print(len(os.listdir("/data")))
