"""A form with an upload: shown, checked, shown again with what is wrong, and at last answered."""

import html
import os
import re
import secrets
import sys
from pathlib import Path
from string import Template

from multipart import Upload, parse

UPLOADS = Path("/data")
LARGEST_BODY = 6 << 20
LARGEST_PICTURE = 5 << 20
# What the content of a file begins with says more than its name or the type that the browser sends.
PICTURES = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif"}

PAGE = Template((Path(__file__).parent / "form.html").read_text())


def main():
    method = os.environ["REQUEST_METHOD"]
    if method == "POST":
        submit()
    elif method in ("GET", "HEAD"):
        show({}, {})
    else:
        respond("405 Method Not Allowed", "This page answers GET and POST.")


def submit():
    size = int(os.environ.get("CONTENT_LENGTH") or 0)
    if size > LARGEST_BODY:
        return show({}, {"picture": "The picture is larger than 5 MiB."}, "413 Content Too Large")
    try:
        fields = parse(os.environ.get("CONTENT_TYPE", ""), sys.stdin.buffer.read(size))
    except ValueError as error:
        return respond("400 Bad Request", f"This is not what the form sends: {error}.")
    errors = check(fields)
    if errors:
        return show(fields, errors, "422 Unprocessable Content")
    picture = fields.get("picture")
    kept = f" Your picture is kept as {store(picture)}." if picture else ""
    show({}, {}, thanks=f"Thank you, {fields['name'].strip()}!{kept}")


def check(fields):
    """What is wrong, by the name of the field."""
    errors = {}
    name, email, picture = (fields.get(key) for key in ("name", "email", "picture"))
    if not isinstance(name, str) or not name.strip():
        errors["name"] = "Please tell your name."
    elif len(name) > 100:
        errors["name"] = "Please shorten your name to 100 characters."
    if not isinstance(email, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email.strip()):
        errors["email"] = "Please give an e-mail address, such as ada@example.com."
    if picture is not None:
        if not isinstance(picture, Upload) or suffix_of(picture) is None:
            errors["picture"] = "Please choose a PNG, JPEG or GIF picture."
        elif len(picture.content) > LARGEST_PICTURE:
            errors["picture"] = "The picture is larger than 5 MiB."
    return errors


def suffix_of(upload):
    return next((suffix for start, suffix in PICTURES.items() if upload.content.startswith(start)), None)


def store(upload):
    """Keeps a picture under a name of our own: that of the upload could be any path."""
    name = secrets.token_hex(8) + suffix_of(upload)
    (UPLOADS / name).write_bytes(upload.content)
    return name


def show(fields, errors, status="200 OK", thanks=""):
    values = {name: fields.get(name) for name in ("name", "email")}
    values = {name: html.escape(value) if isinstance(value, str) else "" for name, value in values.items()}
    problems = {f"{name}_error": html.escape(errors.get(name, "")) for name in ("name", "email", "picture")}
    respond(status, PAGE.substitute(values, thanks=html.escape(thanks), **problems), "text/html")


def respond(status, text, kind="text/plain"):
    print(f"Status: {status}")
    print(f"Content-Type: {kind}; charset=utf-8")
    print()
    print(text)


if __name__ == "__main__":
    main()
