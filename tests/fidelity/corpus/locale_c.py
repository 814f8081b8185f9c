#: env LC_ALL=C
#: env PYTHONCOERCECLOCALE=0
#: env PYTHONUTF8=0
import locale, os, sys

print(sys.flags.utf8_mode, sys.stdout.encoding, sys.stdout.errors, sys.getfilesystemencoding(), locale.getpreferredencoding())
print(repr(os.fsencode("x")), open("/data/x", "w").encoding, locale.getencoding(), ascii(sys.argv))
