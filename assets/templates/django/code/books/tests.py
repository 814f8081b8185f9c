"""Tests: pywagi run manage.py test books"""

from django.contrib.auth.models import User
from django.test import TestCase
from django.urls import reverse

from .models import Book


class TestBooks(TestCase):
    def add(self, **fields):
        return self.client.post(reverse("add"), {"title": "Emma", "author": "Jane Austen"} | fields, follow=True)

    def test_a_book_is_added_and_listed(self):
        page = self.add(stars=5)
        self.assertContains(page, "Emma is on the list.")
        self.assertContains(page, "Emma by Jane Austen: 5 of 5 stars")

    def test_a_wrong_book_is_shown_again(self):
        self.assertContains(self.add(stars=6), "less than or equal to 5")
        self.assertContains(self.add(title=""), "This field is required.")
        self.add()
        self.assertContains(self.add(), "Book with this Title and Author already exists.")
        self.assertEqual(Book.objects.count(), 1)

    def test_the_admin_is_for_those_who_log_in(self):
        User.objects.create_superuser("ada", password="of the tests")
        address = reverse("admin:books_book_changelist")
        self.assertEqual(self.client.get(address).status_code, 302)
        self.assertTrue(self.client.login(username="ada", password="of the tests"))
        self.assertContains(self.client.get(address), "0 books")
