"""Validation and dumps."""

from marshmallow import Schema, ValidationError, fields, validate


class Person(Schema):
    name = fields.Str(required=True, validate=validate.Length(min=2))
    mail = fields.Email()
    born = fields.Date()


print(Person().load({"name": "Ada", "mail": "a@example.com", "born": "1815-12-10"}))
try:
    Person().load({"name": "A", "mail": "no"})
except ValidationError as error:
    print(error.messages)
