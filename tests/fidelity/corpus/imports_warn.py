#: run ["python", "-W", "always", "{}"]
#: stderr   import cgi, aifc, telnetlib, crypt
try:
    import imp
except ImportError as error:
    print(error)
import cgi, aifc, telnetlib, crypt
