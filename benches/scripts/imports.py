import datetime
import html
import http.cookies
import json
import logging
import urllib.parse

print("Content-Type: application/json")
print()
print(
    json.dumps(
        {
            "escaped": html.escape("<b>"),
            "date": str(datetime.datetime(2020, 1, 1)),
            "query": urllib.parse.parse_qs("a=1"),
        }
    )
)
