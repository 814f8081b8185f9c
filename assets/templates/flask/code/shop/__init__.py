"""A small shop: goods with pictures, in a database, and a basket, in the session."""

import os

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException

from . import catalog, pages


class Shop(Flask):
    @property
    def secret_key(self):
        """Read from the environment when a request needs it: the app object, made once for many, holds no secret."""
        key = self.config["SECRET_KEY"] or os.environ.get("SECRET_KEY")
        if not key:
            raise RuntimeError("SECRET_KEY is not set: write SECRET_KEY= and a long random text to the file .env")
        return key


def create_app(**config):
    app = Shop(__name__)
    app.config.from_mapping(
        DATABASE="/data/shop.db",
        PICTURES="/data",
        MAX_CONTENT_LENGTH=4 << 20,
        # Browsers send the session only with forms of our own pages.
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.config.from_mapping(config)
    app.register_blueprint(pages.blueprint)
    app.register_error_handler(HTTPException, show_error)
    app.teardown_appcontext(catalog.close)
    app.add_template_filter(money)
    # Compiled once, and not by each request.
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    return app


def show_error(error):
    """The page for what is raised by `abort` and by Flask itself, such as for a path that is none."""
    return render_template("error.html", error=error), error.code


def money(cents):
    return f"{cents // 100}.{cents % 100:02}"
