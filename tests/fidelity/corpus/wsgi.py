#: env REQUEST_METHOD=GET
#: env PATH_INFO=/x
#: env QUERY_STRING=a=1
#: env SERVER_NAME=localhost
#: env SERVER_PORT=3000
#: env SERVER_PROTOCOL=HTTP/1.1
from wsgiref.handlers import CGIHandler


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode(), b"?", environ["QUERY_STRING"].encode(), str(environ["wsgi.multithread"]).encode()]


CGIHandler().run(app)
