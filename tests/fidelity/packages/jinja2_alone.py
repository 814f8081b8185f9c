"""Macros, tests, a sandbox."""
#: env NAME=x
#: and
#: stderr jinja2.exceptions.UndefinedError: 'missing' is undefined
#: exit 1
#: env FAIL=1

import os

from jinja2 import DictLoader, Environment, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

pages = {"m": "{% macro tag(n) %}<{{ n }}>{{ caller() }}</{{ n }}>{% endmacro %}", "p": """{% from "m" import tag -%}
{% call tag("b") %}{{ x | default("none") }}{% endcall %}{{ 7 is odd }}{{ [3, 1, 2] | sort }}"""}
print(Environment(loader=DictLoader(pages)).get_template("p").render())
try:
    SandboxedEnvironment().from_string("{{ ().__class__.__bases__ }}").render()
except Exception as error:
    print(type(error).__name__, error)
if "FAIL" in os.environ:
    print(Environment(undefined=StrictUndefined).from_string("{{ missing }}").render())
