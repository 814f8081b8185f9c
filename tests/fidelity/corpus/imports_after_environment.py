#: env PYTHONTZPATH=/opt
# Modules that read the environment while they are loaded.
import os

os.environ["PYTHONTZPATH"] = "/data:/code"
os.environ["PY_SAX_PARSER"] = "mine,other"
os.environ["MARK"] = "set by the script"
import zoneinfo
import xml.sax
import wsgiref.handlers

print(zoneinfo.TZPATH, xml.sax.default_parser_list, wsgiref.handlers.BaseHandler.os_environ["MARK"])
