from flask import Blueprint, Flask, redirect, render_template_string, request, session, url_for

app = Flask(__name__, static_folder="/code/static")
app.secret_key = "of the tests"
pages = Blueprint("pages", __name__, url_prefix="/pages")


@pages.get("/<name>")
def page(name):
    return render_template_string("<h1>{{ name }}</h1>{{ url_for('pages.page', name='b') }}", name=name)


app.register_blueprint(pages)


@app.get("/")
def start():
    links = [
        url_for("start"),
        url_for("count"),
        url_for("static", filename="style.css"),
        url_for("start", _external=True),
    ]
    return "\n".join(links)


@app.post("/count")
def count():
    session["count"] = session.get("count", 0) + 1
    return redirect(url_for("counted"))


@app.get("/count")
def counted():
    return str(session.get("count"))


@app.post("/upload")
def upload():
    file = request.files["file"]
    return f"{request.form['title']}: {file.filename}, {len(file.read())} bytes of {file.mimetype}"


@app.get("/fails")
def fails():
    return str(1 / 0)


@app.errorhandler(404)
def not_found(error):
    return f"no {request.path} below {request.script_root}", 404


@app.errorhandler(ZeroDivisionError)
def divided(error):
    app.logger.exception("divided")
    return "divided", 418
