import os, pathlib, shutil

root = pathlib.Path("/data")
(root / "a").mkdir()
(root / "a" / "text").write_text("line\nü\n", encoding="utf-8")
(root / "a" / "bytes").write_bytes(bytes(range(256)))
os.rename("/data/a/text", "/data/a/renamed")
os.replace("/data/a/bytes", "/data/bytes")
with open("/data/a/renamed", "r+") as file:
    print(file.readlines(), file.tell())
    file.seek(0)
    file.write("LINE")
    file.truncate()
with open("/data/appended", "a") as file:
    print("one", file=file)
with open("/data/appended", "a+") as file:
    print("two", file=file)
    file.seek(0)
    print(file.read())
print(sorted(os.listdir("/data")), [e.name for e in os.scandir("/data") if e.is_dir()], sorted(root.rglob("*")))
shutil.copytree("/data/a", "/data/b")
os.remove("/data/b/renamed")
os.rmdir("/data/b")
os.symlink("a", "/data/link")
print(os.readlink("/data/link"), os.path.realpath("/data/link"), os.stat("/data/link").st_size >= 0)
os.unlink("/data/link")
os.chdir("/data/a")
print(os.getcwd(), open("renamed").read(), os.path.abspath("x"), os.stat("renamed").st_size)
os.mkdir("relative")
for path in ("/opt/new", "/new", "/code/../x"):
    try:
        os.mkdir(path)
    except OSError as error:
        print(path, error)
print([entry for entry in os.walk("/data")], os.access("/data", os.W_OK), os.umask(0) if hasattr(os, "umask") else "")
