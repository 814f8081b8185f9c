"""Tests of the tasks: pywagi run -m unittest discover -s /code/tests"""

import asyncio
import json
import tempfile
import unittest

from tasks.app import create_app


def request(app, method, path, body=b"", content_type=""):
    """The status and the body of an answer, by ASGI as a server asks for it."""

    async def exchange():
        async with app.router.lifespan_context(app) as state:
            await app(scope | {"state": state}, receive, send)

    async def receive():
        return {"type": "http.request", "body": body}

    async def send(message):
        sent.append(message)

    sent = []
    headers = [(b"host", b"test"), (b"content-type", content_type.encode())]
    scope = {"type": "http", "method": method, "scheme": "http", "path": path, "query_string": b"", "headers": headers}
    asyncio.run(exchange())
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent).decode()


class TestTasks(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(dir="/data")
        self.addCleanup(directory.cleanup)
        self.app = create_app(f"{directory.name}/tasks.db")

    def api(self, method, path="", **body):
        status, text = request(self.app, method, f"/api/tasks{path}", json.dumps(body).encode(), "application/json")
        return status, json.loads(text) if text else None

    def form(self, body):
        return request(self.app, "POST", "/", body, "application/x-www-form-urlencoded")

    def test_a_task_is_added_done_and_removed(self):
        task = {"id": 1, "text": "Write", "done": False}
        self.assertEqual(self.api("POST", text=" Write "), (201, task))
        self.assertEqual(self.api("PATCH", "/1", done=True), (200, task | {"done": True}))
        self.assertEqual(self.api("DELETE", "/1"), (204, None))
        self.assertEqual(self.api("GET"), (200, []))

    def test_errors_are_json_below_api_and_pages_elsewhere(self):
        self.assertEqual(self.api("POST", text=1)[0], 422)
        self.assertEqual(self.api("PATCH", "/1", done="yes")[0], 422)
        self.assertEqual(self.api("DELETE", "/1"), (404, {"detail": "There is no such task."}))
        status, page = request(self.app, "GET", "/none")
        self.assertEqual((status, "<h1>404 Not Found</h1>" in page), (404, True))

    def test_the_form_adds_a_task_or_says_what_is_wrong(self):
        self.assertEqual(self.form(b"text=%3Cb%3E")[0], 303)
        self.assertIn("<li>&lt;b&gt;</li>", request(self.app, "GET", "/")[1])
        status, page = self.form(b"text=+")
        self.assertEqual((status, "Please give a text" in page), (422, True))


if __name__ == "__main__":
    unittest.main()
