"""Makes the database of django_app.py."""

import django_app
from django.db import connection

django_app.DATABASE.unlink(missing_ok=True)
with connection.schema_editor() as editor:
    editor.create_model(django_app.Note)
django_app.Note.objects.bulk_create(django_app.Note(text=text) for text in ["a", "b", "c"])
