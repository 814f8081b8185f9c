# The admin loads its login form with each login page; here it is loaded once.
import django.contrib.admin.forms  # noqa: F401
from books import views
from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.urls import path

urlpatterns = [
    path("", views.BookList.as_view(), name="books"),
    path("add/", views.AddBook.as_view(), name="add"),
    path("admin/", admin.site.urls),
    # The files of each app's static/, as `manage.py runserver` serves them.
    path("static/<path:path>", serve, {"insecure": True}),
]
