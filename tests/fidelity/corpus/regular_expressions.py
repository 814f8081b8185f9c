import re

print(re.sub(r"(?P<word>\w+)", lambda m: m["word"].upper(), "a-b ü"), re.findall(r"\d+", "1 22 ٣"), re.compile("x", re.I))
try:
    re.compile("(")
except re.error as error:
    print(error, error.pos)
re.purge()
print(re.template if hasattr(re, "template") else "", re.split("[,;]", "a,b;c"), re.fullmatch("a|b", "b"), re.DEBUG)
