#: env B=2
#: env A=
#: env HTTP_ACCEPT=text/html; q=0.5
#: env UMLAUT=ü€
#: env LAST=a=b
import os, posix

print(list(os.environ.items()))
print(list(posix.environ.items()))
print(os.environ, len(os.environ), os.getenv("A"), os.getenv("none"))
print(os.environb[b"UMLAUT"], os.path.expandvars("$B ${LAST} $NONE"))
print(os.environ._data is posix.environ, type(os.environ._data))
