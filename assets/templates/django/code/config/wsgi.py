"""The application, which /code/pywagi.py runs."""

import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# What Django loads and compiles on first use is ready in each request: views and the admin, pages and what they extend.
reverse("admin:index")
BOOKS = Path(__file__).parents[1] / "books/templates"
ADMIN = [f"admin/{name}.html" for name in ("base", "base_site", "login", "index", "change_list", "change_form")]
for name in [*sorted(str(path.relative_to(BOOKS)) for path in BOOKS.rglob("*.html")), *ADMIN]:
    get_template(name)
