#: exit 1
#: stderr b
raise RuntimeError("a\nb")
