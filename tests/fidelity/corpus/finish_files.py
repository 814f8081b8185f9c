#: 3.13+ stderr RuntimeError: lost gzip_file
# Files that nobody closes are written all the same.
import gzip, io, zipfile

a = open("/data/global", "w")
a.write("global")


class Holder:
    b = open("/data/class", "w")


Holder.b.write("class attribute")


def f():
    c = open("/data/local", "w")
    c.write("local")
    cycle = [c]
    cycle.append(cycle)
    f.d = open("/data/function", "wb")
    f.d.write(b"function attribute")


f()
e = zipfile.ZipFile("/data/archive.zip", "w")
e.writestr(zipfile.ZipInfo("name"), "text")
h = gzip.GzipFile("/data/text.gz", "wb", mtime=0)
h.write(b"text")
i = io.TextIOWrapper(io.BufferedWriter(io.FileIO("/data/layers", "w")))
i.write("layers")
