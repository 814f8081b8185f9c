"""A form with errors."""

from werkzeug.datastructures import MultiDict
from wtforms import Form, IntegerField, StringField, validators


class Order(Form):
    name = StringField("Name", [validators.InputRequired(), validators.Length(max=5)])
    count = IntegerField("Count", [validators.NumberRange(1, 9)])


form = Order(MultiDict({"name": "far too long", "count": "3"}))
print(form.validate(), form.errors, form.name(class_="wide"))
