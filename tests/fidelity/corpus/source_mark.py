#!/usr/bin/env python3
"""A byte order mark and CRLF."""
print(__doc__, "ü")
text = """a
b"""
print(repr(text))
