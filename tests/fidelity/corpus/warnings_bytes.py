#: run ["python", "-b", "{}"]
#: stderr   print(b"a" == "a", str(b"a"))
print(b"a" == "a", str(b"a"))
