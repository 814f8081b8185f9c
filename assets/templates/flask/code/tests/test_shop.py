"""Tests of the shop: pywagi run -m unittest discover -s /code/tests"""

import io
import tempfile
import unittest

from shop import create_app

PNG = b"\x89PNG\r\n\x1a\nrest"


class TestShop(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        app = create_app(
            TESTING=True, SECRET_KEY="of the tests", DATABASE=f"{directory.name}/shop.db", PICTURES=directory.name
        )
        self.client = app.test_client()

    def add(self, **fields):
        return self.client.post("/goods/new", data=fields, follow_redirects=True)

    def test_the_basket_is_kept_in_the_session(self):
        page = self.client.post("/basket/1", follow_redirects=True)
        self.assertIn("Tea is in your basket.", page.text)
        self.client.post("/basket/1")
        self.assertIn("2 × Tea", self.client.get("/basket").text)
        self.client.post("/basket")
        self.assertIn("Your basket is empty.", self.client.get("/basket").text)

    def test_what_is_not_there_is_404(self):
        page = self.client.post("/basket/99")
        self.assertEqual(page.status_code, 404)
        self.assertIn("There is no such thing in the shop.", page.text)

    def test_goods_have_a_picture(self):
        page = self.add(name="Milk <1>", price="1.5", picture=(io.BytesIO(PNG), "../milk.txt"))
        self.assertIn("Milk &lt;1&gt;", page.text)
        picture = page.text.split('<img src="')[1].split('"')[0]
        with self.client.get(picture) as answer:
            self.assertEqual((answer.data, answer.mimetype), (PNG, "image/png"))

    def test_wrong_goods_are_shown_again(self):
        page = self.add(name=" ", price="NaN", picture=(io.BytesIO(b"text"), "x.png"))
        self.assertEqual(page.status_code, 422)
        for part in ("Please give a name", "Please give a price", "Please choose a PNG", 'value="NaN"'):
            self.assertIn(part, page.text)


if __name__ == "__main__":
    unittest.main()
