import falcon


class Things:
    def on_get(self, request, response, name):
        response.media = {"name": name, "prefix": request.prefix, "q": request.get_param_as_int("q")}

    def on_post(self, request, response, name):
        response.media = request.get_media()
        response.status = falcon.HTTP_201


app = falcon.App()
app.add_route("/things/{name}", Things())
