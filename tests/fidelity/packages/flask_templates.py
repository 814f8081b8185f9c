"""Templates with inheritance, loops, filters and escapes."""
#: request GET /
#: and
#: request GET /?name=%3Cb%3EAda%3C/b%3E

from wsgiref.handlers import CGIHandler

from flask import Flask, render_template_string, request
from jinja2 import DictLoader

app = Flask(__name__)
app.jinja_loader = DictLoader({"base": "<main>{% block body %}{% endblock %}</main>\n"})
PAGE = """{% extends "base" %}{% block body %}Hello, {{ name }}!
{% for i in range(3) %}{{ loop.index }} {{ "%03d" | format(i) }} {{ ["a", "b"] | join("-") | upper }}
{% endfor %}{% endblock %}"""


@app.get("/")
def hello():
    return render_template_string(PAGE, name=request.args.get("name", "world"))


CGIHandler().run(app)
