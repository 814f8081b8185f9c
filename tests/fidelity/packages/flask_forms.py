"""A form, an upload, JSON."""
#: request POST /form
#: env CONTENT_TYPE=application/x-www-form-urlencoded
#: stdin "name=Ada&name=Grace&age=36"
#: and
#: request POST /upload
#: env CONTENT_TYPE=multipart/form-data; boundary=b
#: stdin "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n"
#: and
#: request POST /json
#: env CONTENT_TYPE=application/json
#: stdin "{\"a\": [1, 2.5, null]}"

from wsgiref.handlers import CGIHandler

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/form")
def form():
    return jsonify(request.form.to_dict(flat=False))


@app.post("/upload")
def upload():
    file = request.files["file"]
    return jsonify(name=file.filename, type=file.mimetype, text=file.read().decode())


@app.post("/json")
def json():
    return jsonify(request.get_json())


CGIHandler().run(app)
