import sys


def show(title):
    print(title, list(sys.modules))


import dataclasses
show("dataclasses")
import http.cookies
show("http.cookies")
import json.decoder
show("json.decoder")
from email.mime.text import MIMEText
show("MIMEText")
import wsgiref.handlers
show("wsgiref.handlers")
import unittest.mock
show("unittest.mock")
