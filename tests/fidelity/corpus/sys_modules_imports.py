import sys


def show(title):
    print(title, list(sys.modules))


import json
show("json")
import logging, datetime
show("logging, datetime")
import http.cookies
show("http.cookies")
from urllib.parse import quote
show("urllib.parse")
import xml.etree.ElementTree
show("ElementTree")
import collections.abc, email.message, decimal
show("email.message")
import importlib, importlib.util, typing, dataclasses
show("typing")
import sqlite3
show("sqlite3")
