"""Blueprints, url_for, signals, the context of a request."""
#: request GET /shop/items/7
#: and
#: request GET /shop/

from wsgiref.handlers import CGIHandler

from flask import Blueprint, Flask, g, request_started, url_for

shop = Blueprint("shop", __name__, url_prefix="/shop")


@shop.before_request
def before():
    g.seen = ["before"]


@shop.get("/")
def index():
    return url_for(".item", number=3, _external=True)


@shop.get("/items/<int:number>")
def item(number):
    return {"number": number, "seen": g.seen, "again": url_for(".item", number=number + 1)}


app = Flask(__name__)
app.register_blueprint(shop)
request_started.connect(lambda sender, **_: g.setdefault("signals", 1), app, weak=False)
CGIHandler().run(app)
