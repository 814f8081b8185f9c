# The names in the modules, in their order.
import collections, datetime, decimal, email, html, http, json, logging, re, string, textwrap, urllib.parse

for module in (collections, datetime, decimal, email, html, http, json, logging, re, string, textwrap, urllib.parse):
    print(module.__name__, list(vars(module)))
