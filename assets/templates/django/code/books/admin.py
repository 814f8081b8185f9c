from django.contrib import admin

from .models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "author", "stars", "added"]
    list_filter = ["stars"]
    search_fields = ["title", "author"]
