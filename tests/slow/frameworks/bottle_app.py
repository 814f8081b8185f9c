from bottle import Bottle, abort, request, response, static_file, template

app = Bottle()


@app.get("/hello/<name>")
def hello(name):
    response.set_cookie("name", name, path="/")
    return template("Hello {{name}}", name=name)


@app.post("/form")
def form():
    return {
        "text": request.forms.text,
        "cookie": request.get_cookie("name"),
        "url": app.get_url("/hello/<name>", name="x"),
    }


@app.get("/static/<name>")
def static(name):
    return static_file(name, root="/code/static")


@app.get("/teapot")
def teapot():
    abort(418, "no coffee")
