"""Resources of Falcon."""
#: request GET /things?limit=2
#: and
#: request DELETE /things

from wsgiref.handlers import CGIHandler

import falcon


class Things:
    def on_get(self, request, response):
        response.media = {"things": list(range(request.get_param_as_int("limit", default=1)))}


app = falcon.App()
app.add_route("/things", Things())
CGIHandler().run(app)
