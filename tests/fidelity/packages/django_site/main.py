"""A site in one file: templates, a form, a session in a signed cookie, which holds the time, and a model in SQLite. It has an
interpreter of its own, as a script in a directory: Django alone has a third of the modules that one may learn."""
#: request GET /
#: clock 1700000000
#: and
#: request POST /
#: env CONTENT_TYPE=application/x-www-form-urlencoded
#: stdin "text=%3Cb%3E"
#: clock 1700000000
#: and
#: request GET /books

from wsgiref.handlers import CGIHandler

from django import forms
from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/data/a.db"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="known",
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    USE_TZ=False,
)
application = get_wsgi_application()

from django.db import connection, models, transaction
from django.db.utils import IntegrityError
from django.http import HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import path, reverse

PAGE = "{% for text in texts %}<li>{{ text }} {{ forloop.counter|add:1 }}</li>{% empty %}none{% endfor %}{{ form.as_p }}"


class Book(models.Model):
    title = models.CharField(max_length=10, unique=True)
    stars = models.PositiveSmallIntegerField(default=1)

    class Meta:
        app_label = "shop"


class Note(forms.Form):
    text = forms.CharField(max_length=5, help_text="short")


def notes(request):
    form = Note(request.POST or None)
    if request.method == "POST" and form.is_valid():
        request.session["texts"] = [*request.session.get("texts", []), form.cleaned_data["text"]]
        return HttpResponseRedirect(reverse("notes"))
    page = engines["django"].from_string(PAGE)
    return HttpResponse(page.render({"form": form, "texts": request.session.get("texts", [])}))


def books(request):
    with connection.schema_editor() as editor:
        editor.create_model(Book)
    Book.objects.bulk_create(Book(title=title, stars=stars) for title, stars in [("Emma", 5), ("Ulysses", 2)])
    said = [Book.objects.filter(stars__gt=models.F("id")).values_list("title"), Book.objects.aggregate(models.Avg("stars"))]
    try:
        with transaction.atomic():
            Book.objects.create(title="Emma")
    except IntegrityError as error:
        said.append(error)
    form = forms.modelform_factory(Book, fields=["title", "stars"])({"title": "Emma", "stars": "-1"})
    return HttpResponse(f"{said} {form.errors.as_json()} {form.as_p()}")


urlpatterns = [path("", notes, name="notes"), path("books", books)]
CGIHandler().run(application)
