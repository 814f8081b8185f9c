#: exit 1
#: stderr KeyError: 'b'
try:
    {}["a"]
except KeyError:
    raise KeyError("b") from None
