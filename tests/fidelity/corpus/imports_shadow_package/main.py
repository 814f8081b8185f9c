import sys

import json, logging

print(json.mine, json.__path__, json.decoder.mine)
logging.warning = print
logging.warning("mine")
try:
    import http.client
except ImportError as error:
    print(error)
import email.message

print(email.message.mine, [name for name in sys.modules if name.startswith(("json", "email", "http", "logging"))])
