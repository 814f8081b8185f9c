# Importing a package does not give its submodules.
import xml, email, http, importlib, concurrent, urllib, logging, os, json, unittest, collections, wsgiref, encodings

for expression in (
    "xml.etree", "xml.dom", "email.message", "email.mime", "http.client", "http.cookies", "importlib.util",
    "importlib.machinery", "importlib.metadata", "concurrent.futures", "urllib.parse", "logging.handlers", "os.path.x",
    "json.tool", "json.decoder", "unittest.mock", "collections.abc", "wsgiref.util", "encodings.idna", "encodings.utf_8",
    "importlib.abc", "importlib._bootstrap", "importlib.resources",
):
    try:
        print(expression, ascii(eval(expression)))
    except AttributeError as error:
        print(expression, error)
print(dir(xml), dir(email), dir(importlib), dir(urllib), dir(json))
import xml.etree.ElementTree as tree
import concurrent.futures
import urllib.request

print(dir(xml), dir(xml.etree), dir(urllib), dir(concurrent), dir(concurrent.futures))
print(tree.tostring(tree.fromstring("<a>b</a>")))
