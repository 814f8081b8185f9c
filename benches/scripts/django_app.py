"""Hello with Django, and a query of its ORM on SQLite."""

from pathlib import Path

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import HttpResponse
from django.urls import path

DATABASE = Path(__file__).resolve().parent.parent / "data/notes.sqlite"
settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATABASE)}},
    ROOT_URLCONF=__name__,
    USE_TZ=True,
)
django.setup()


class Note(models.Model):
    text = models.TextField()

    class Meta:
        app_label = "notes"


def hello(request):
    return HttpResponse(f"hello, {Note.objects.filter(text__startswith='b').count()} of the notes")


urlpatterns = [path("", hello)]
app = get_wsgi_application()
