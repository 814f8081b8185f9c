"""Rules, builds, an error, a test client."""

from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

rules = Map([Rule("/a/<int:n>", endpoint="a"), Rule("/<path:rest>", endpoint="rest")])
adapter = rules.bind("example.com")
print(adapter.match("/a/3"), adapter.build("rest", {"rest": "x/y"}))
try:
    Map([Rule("/a", endpoint="a")]).bind("example.com").match("/b")
except NotFound as error:
    print(error)


@Request.application
def app(request):
    return Response(request.args.get("q", "none"), headers={"X-A": "1"})


answer = Client(app).get("/?q=%C3%A9")
print(answer.status, answer.text, sorted(answer.headers))
