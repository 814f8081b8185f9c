from django.contrib import admin
from django.db import models


class Note(models.Model):
    text = models.CharField(max_length=20)

    def __str__(self):
        return self.text


admin.site.register(Note)
