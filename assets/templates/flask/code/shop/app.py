"""The app object, which /code/pywagi.py runs."""

from . import create_app

app = create_app()
