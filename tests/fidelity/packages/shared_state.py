"""What packages change of what many modules share: seen only by who imports them."""

import sys
import warnings

print([type(finder).__name__ for finder in sys.meta_path], len(warnings.filters))
print([name for name in sys.modules if name.partition(".")[0] in ("dateutil", "six", "sqlalchemy", "flask", "jinja2")])

import flask
import sqlalchemy

print([type(finder).__name__ for finder in sys.meta_path], len(warnings.filters))
print(len([name for name in sys.modules if name.startswith(("flask", "sqlalchemy"))]), flask.Flask, sqlalchemy.select)
