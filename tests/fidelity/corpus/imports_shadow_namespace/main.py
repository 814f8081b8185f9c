# A directory without __init__.py loses against the library's package, wherever it stands.
import json.decoder, xml.dom.minidom

print(json.__file__ is not None, xml.dom.minidom.parseString("<a/>").toxml())
try:
    import json.mine
except ImportError as error:
    print(error)
import logging

print(logging.getLogger("x"))
