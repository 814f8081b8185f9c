"""The pages of the shop."""

import uuid
from decimal import Decimal, InvalidOperation
from pathlib import Path

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_from_directory,
    session,
    url_for,
)

from . import catalog

blueprint = Blueprint("pages", __name__)

# What the content of a file begins with says more than its name or the type that the browser sends.
PICTURES = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif"}


@blueprint.get("/")
def index():
    return render_template("index.html", goods=catalog.goods())


@blueprint.get("/basket")
def basket():
    counts = session.get("basket", {})
    lines = [(good, counts[str(good["id"])]) for good in catalog.goods() if str(good["id"]) in counts]
    return render_template("basket.html", lines=lines, total=sum(good["price"] * count for good, count in lines))


@blueprint.post("/basket/<int:number>")
def put(number):
    good = catalog.good(number) or abort(404, "There is no such thing in the shop.")
    counts = session.get("basket", {})
    session["basket"] = counts | {str(number): counts.get(str(number), 0) + 1}
    flash(f"{good['name']} is in your basket.")
    return redirect(url_for(".index"), 303)


@blueprint.post("/basket")
def empty():
    session.pop("basket", None)
    return redirect(url_for(".basket"), 303)


@blueprint.route("/goods/new", methods=["GET", "POST"])
def new():
    if request.method == "GET":
        return render_template("new.html", errors={})
    name, price, picture = request.form.get("name", "").strip(), cents(request.form.get("price", "")), None
    errors = {}
    if not 0 < len(name) <= 80:
        errors["name"] = "Please give a name of up to 80 characters."
    if price is None:
        errors["price"] = "Please give a price, such as 2.50."
    upload = request.files.get("picture")
    if upload:
        picture = picture_name(upload)
        if picture is None:
            errors["picture"] = "Please choose a PNG, JPEG or GIF picture."
    if errors:
        return render_template("new.html", errors=errors), 422
    if picture:
        upload.save(Path(current_app.config["PICTURES"]) / picture)
    catalog.add(name, price, picture)
    flash(f"{name} is in the shop now.")
    return redirect(url_for(".index"), 303)


@blueprint.get("/pictures/<name>")
def picture(name):
    if Path(name).suffix not in PICTURES.values():
        abort(404)
    return send_from_directory(current_app.config["PICTURES"], name)


def cents(text):
    """A price in cents, else `None`."""
    try:
        price = 100 * Decimal(text.strip())
        return int(price) if 0 < price < 10_000_000 and price % 1 == 0 else None
    except InvalidOperation:
        return None


def picture_name(upload):
    """A name of our own, since that of an upload could be any path; `None` where it is no picture."""
    start = upload.stream.read(8)
    upload.stream.seek(0)
    suffix = next((suffix for begin, suffix in PICTURES.items() if start.startswith(begin)), None)
    return suffix and uuid.uuid4().hex + suffix
