"""Signed cookies, which hold the time."""
#: request GET /count
#: clock 1700000000
#: and
#: request GET /count
#: clock 1700000500
#: env HTTP_COOKIE=session=eyJuIjoxfQ.ZVPxAA.broken
#: and
#: request GET /set
#: clock 1700000000

from wsgiref.handlers import CGIHandler

from flask import Flask, redirect, session, url_for

app = Flask(__name__)
app.secret_key = "known"


@app.get("/count")
def count():
    session["n"] = session.get("n", 0) + 1
    return {"n": session["n"]}


@app.get("/set")
def set_cookie():
    answer = redirect(url_for("count"))
    answer.set_cookie("a", "1", max_age=60)
    return answer


CGIHandler().run(app)
