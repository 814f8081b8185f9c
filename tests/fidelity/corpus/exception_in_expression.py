#: exit 1
#: stderr TypeError: 'NoneType' object is not subscriptable
def value(x):
    return x


data = {"key": [value(1), value(None)]}
print(
    data["key"][0],
    data["key"][1]["name"] + value("ü€𝄞"),
)
