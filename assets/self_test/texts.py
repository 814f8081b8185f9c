"""Modules that read and write text."""

import csv
import difflib
import html
import io
import json
import re
import string
import textwrap

data = {"name": "Zoë", "numbers": [1, 2.5, None, True], "nested": {"a": "\u2028"}}
assert json.loads(json.dumps(data, indent=2)) == data
print(json.dumps(data, sort_keys=True))
print(re.sub(r"(?P<word>\b\w+)\s+(?P=word)\b", r"\g<word>", "the the end of of it"))
out = io.StringIO()
csv.writer(out).writerows([["a", 'b "quoted"'], [1, "two\nlines"]])
print(repr(out.getvalue()), list(csv.reader(io.StringIO(out.getvalue()))))
print(html.escape("<a href='x'>"), html.unescape("&eacute;&#8364;"))
print(textwrap.fill("a long line that is wrapped at twenty columns", 20))
print(string.Template("$who owes $$5").substitute(who="Ann"))
print("\n".join(difflib.unified_diff(["a", "b"], ["a", "c"], lineterm="")))
