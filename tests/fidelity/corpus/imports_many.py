#: run ["python", "-W", "ignore", "{}"]
# Most of the library, in one script.
import sys

names = """abc aifc argparse array ast asyncio base64 bdb binascii bisect bz2 calendar cgi cmd code codecs codeop
collections colorsys compileall concurrent.futures configparser contextlib contextvars copy copyreg csv ctypes curses
dataclasses datetime dbm decimal difflib dis doctest email.mime.text email.policy enum errno faulthandler fcntl filecmp
fileinput fnmatch fractions ftplib functools gc getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac
html.entities html.parser http.client http.cookiejar http.server imaplib importlib.metadata inspect io ipaddress
itertools json keyword linecache locale logging.config logging.handlers lzma mailbox marshal math mimetypes mmap
modulefinder multiprocessing netrc numbers operator optparse pathlib pdb pickle pickletools pkgutil platform plistlib
poplib posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc queue quopri random re readline reprlib
resource runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 ssl
stat statistics string stringprep struct subprocess symtable sysconfig syslog tabnanny tarfile tempfile termios
textwrap threading time timeit token tokenize tomllib trace traceback tracemalloc tty types typing unicodedata
unittest.mock urllib.request urllib.robotparser uuid venv warnings wave weakref webbrowser wsgiref.simple_server
xml.dom.minidom xml.etree.ElementTree xml.sax xmlrpc.client xmlrpc.server zipapp zipfile zipimport zlib zoneinfo
""".split()
for name in names:
    before = set(sys.modules)
    try:
        __import__(name)
        print(name, [new for new in sys.modules if new not in before])
    except BaseException as error:
        print(name, type(error), error, [new for new in sys.modules if new not in before])
