from django import forms
from django.contrib import admin
from django.shortcuts import redirect, render
from django.urls import path
from notes.models import Note


class NoteForm(forms.ModelForm):
    class Meta:
        model = Note
        fields = ["text"]


def notes(request):
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        request.session["saved"] = request.session.get("saved", 0) + 1
        return redirect("notes")
    context = {"form": form, "notes": Note.objects.order_by("id"), "saved": request.session.get("saved", 0)}
    return render(request, "notes.html", context)


urlpatterns = [path("notes/", notes, name="notes"), path("admin/", admin.site.urls)]
