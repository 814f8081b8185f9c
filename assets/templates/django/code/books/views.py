from django.contrib.messages.views import SuccessMessageMixin
from django.urls import reverse_lazy
from django.views.generic import CreateView, ListView

from .models import Book


class BookList(ListView):
    model = Book
    paginate_by = 20


class AddBook(SuccessMessageMixin, CreateView):
    model = Book
    fields = ["title", "author", "stars"]
    success_url = reverse_lazy("books")
    success_message = "%(title)s is on the list."
