import sys

import pymysql

pymysql.install_as_MySQLdb()

import django
from django.conf import settings
from django.db import connection, models

host, port = sys.argv[1].split(":")
mysql = {"ENGINE": "django.db.backends.mysql", "HOST": host, "PORT": int(port), "NAME": "wagi", "USER": "wagi", "PASSWORD": "secret"}
settings.configure(DATABASES={"default": mysql}, USE_TZ=True)
django.setup()


class Book(models.Model):
    title = models.CharField(max_length=100)
    stars = models.IntegerField(default=3)
    added = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "books"


print("Content-Type: text/plain\n")
with connection.schema_editor() as editor:
    editor.create_model(Book)
try:
    Book.objects.create(title="Emma", stars=5)
    Book.objects.bulk_create([Book(title="Persuasion"), Book(title="Grüße")])
    print(Book.objects.filter(stars__lt=4).order_by("title").values_list("title", flat=True))
    print(Book.objects.aggregate(models.Avg("stars", default=0)), Book.objects.get(title="Emma").added.tzinfo)
    print(Book.objects.filter(title="Emma").delete())
finally:
    with connection.schema_editor() as editor:
        editor.delete_model(Book)
connection.close()
