"""Modules that web scripts use."""

import base64
import email.message
import hmac
import http.cookies
import io
import urllib.parse
import uuid
import wsgiref.handlers
import xml.etree.ElementTree

print(urllib.parse.parse_qs("a=1&a=2&b=%C3%A9"), urllib.parse.urljoin("http://x/a/b", "../c?d#e"))
cookie = http.cookies.SimpleCookie("a=1; b=2")
cookie["c"] = "x y"
cookie["c"]["httponly"] = True
print(cookie.output())
message = email.message.EmailMessage()
message["Subject"] = "Grüße"
message.set_content("text")
print(message.as_string())
print(base64.urlsafe_b64encode(b"\xff\xfe?"), uuid.UUID(int=5), uuid.uuid4().version)
print(hmac.new(b"key", b"message", "sha256").hexdigest())
print(xml.etree.ElementTree.fromstring("<a><b c='d'>e</b></a>").find("b").attrib)


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["REQUEST_METHOD"].encode()]


out = io.BytesIO()
environ = {"REQUEST_METHOD": "GET"}
wsgiref.handlers.SimpleHandler(io.BytesIO(), out, io.StringIO(), environ).run(application)
print(out.getvalue().decode())
