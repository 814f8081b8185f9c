import codecs, encodings, locale, sys

print(locale.setlocale(locale.LC_ALL), locale.getlocale(), locale.getpreferredencoding(), locale.localeconv())
try:
    print(locale.setlocale(locale.LC_ALL, "de_DE.UTF-8"))
except locale.Error as error:
    print(error)
print(locale.setlocale(locale.LC_ALL, ""))
for name in ("utf-16", "latin-1", "cp1252", "shift_jis", "idna", "punycode", "rot13", "hex", "utf-7", "koi8-r", "nothing"):
    try:
        codec = codecs.lookup(name)
        print(codec.name, codec.encode("abc" if not name.startswith(("hex",)) else b"abc"))
    except LookupError as error:
        print(error)
print("ü".encode("cp437"), "€".encode("ascii", "xmlcharrefreplace"), b"\xff".decode(errors="surrogateescape").encode("utf-8", "surrogateescape"))
codecs.register_error("mine", lambda error: ("?", error.end))
print("aü€".encode("ascii", "mine"))
codecs.register(lambda name: codecs.lookup("utf-8") if name == "mine" else None)
print("ü".encode("mine"), f"{12345.678:n}", open("/data/x", "w").encoding)
print([name for name in sys.modules if name.startswith("encodings")])
