#: env LC_ALL=C.UTF-8
#: env LANG=de_DE.UTF-8
#: env LANGUAGE=de
import gettext, locale, sys

print(locale.setlocale(locale.LC_ALL, ""), locale.getlocale(), sys.getfilesystemencoding(), sys.stdout.encoding)
print(gettext.find("x", languages=None), locale.getdefaultlocale() if sys.version_info < (3, 11) else "")
