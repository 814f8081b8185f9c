#: exit 1
#: stderr ModuleNotFoundError: No module named 'not_there'
for name in ("json.nothing", "xml.etree.nothing", "_winapi", "nothing.at.all", "json.decoder.x"):
    try:
        __import__(name)
    except ImportError as error:
        print(repr(error), error.name, error.path)
try:
    from json import nothing
except ImportError as error:
    print(error, error.name)
import not_there
