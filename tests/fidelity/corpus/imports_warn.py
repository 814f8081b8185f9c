#: run ["python", "-W", "always", "{}"]
#: stderr   import cgi, aifc, telnetlib, crypt
#: 3.13+ exit 1
#: 3.13+ stderr ModuleNotFoundError: No module named 'cgi'
try:
    import imp
except ImportError as error:
    print(error)
import cgi, aifc, telnetlib, crypt
