#: stderr KeyError: 'missing'
#: env REQUEST_METHOD=GET
#: env SERVER_NAME=localhost
#: env SERVER_PORT=3000
from wsgiref.handlers import CGIHandler


def app(environ, start_response):
    return environ["missing"]


CGIHandler().run(app)
