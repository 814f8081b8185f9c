"""Error handlers, an exception, a wrong method."""
#: request GET /missing
#: and
#: request GET /teapot
#: and
#: request POST /teapot
#: and
#: request GET /boom
#: clock 1700000000
#: stderr ZeroDivisionError: division by zero

from wsgiref.handlers import CGIHandler

from flask import Flask, abort

app = Flask(__name__)


@app.errorhandler(404)
def missing(error):
    return {"error": error.description}, 404


@app.get("/teapot")
def teapot():
    abort(418)


@app.get("/boom")
def boom():
    return 1 / 0


CGIHandler().run(app)
