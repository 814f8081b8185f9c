#: env REQUEST_METHOD=POST
#: env CONTENT_TYPE=application/x-www-form-urlencoded
#: env CONTENT_LENGTH=16
#: stdin "name=J%C3%BCrg&b="
import html, http.cookies, json, os, sys, urllib.parse

body = sys.stdin.buffer.read(int(os.environ["CONTENT_LENGTH"]))
print("Content-Type: text/html")
cookie = http.cookies.SimpleCookie({"a": "1; 2"})
cookie["a"]["path"] = "/"
print(cookie, "\n")
print(html.escape(str(urllib.parse.parse_qs(body.decode(), keep_blank_values=True))), json.dumps({"a": [1.5, None, "ü"]}))
