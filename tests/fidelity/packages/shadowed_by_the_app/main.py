"""A module beside the script with the name of an installed one."""

import flask
import jinja2

print(flask.__file__, flask.VALUE, jinja2.__file__)
