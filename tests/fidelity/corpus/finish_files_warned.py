#: run ["python", "-X", "dev", "{}"]
#: stderr sys:1: ResourceWarning: unclosed file <_io.TextIOWrapper name='/data/b' mode='w' encoding='UTF-8'>
#: 3.13+ stderr <sys>:0: ResourceWarning: unclosed file <_io.TextIOWrapper name='/data/b' mode='w' encoding='UTF-8'>
def f():
    open("/data/a", "w").write("a")


f()
b = open("/data/b", "w")
b.write("b")
