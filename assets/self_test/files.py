"""Files of a volume, and their times."""

import os
import pathlib
import shutil
import stat

print("with times")
data = pathlib.Path("/data")
(data / "a" / "b").mkdir(parents=True)
file = data / "a" / "text"
file.write_text("one\ntwo\n", encoding="utf-8")
with file.open("a") as out:
    out.write("three\n")
assert file.read_bytes() == b"one\ntwo\nthree\n"
with file.open("r+b") as both:
    both.seek(4)
    both.truncate()
os.rename(file, data / "a" / "b" / "renamed")
print(sorted((root, sorted(names), sorted(files)) for root, names, files in os.walk(data)))
renamed = data / "a" / "b" / "renamed"
status = renamed.stat()
print(stat.S_ISREG(status.st_mode), status.st_size)
assert status.st_mtime > 1_600_000_000
os.utime(renamed, (1_000_000_000, 1_100_000_000))
assert renamed.stat().st_mtime == 1_100_000_000
shutil.rmtree(data / "a")
assert not list(data.iterdir())
try:
    open("/data/none")  # noqa: SIM115
except FileNotFoundError as error:
    print(error)
print("ok")
