"""Routes and templates of Bottle."""
#: request GET /hello/Ada
#: and
#: request GET /nothing

import bottle


@bottle.get("/hello/<name>")
def hello(name):
    return bottle.template("Hello, {{name}}!\n% for i in range(2):\n{{i}}\n% end\n", name=name)


bottle.run(server="cgi", quiet=True)
