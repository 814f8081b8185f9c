import traceback

for code in ("import socket; socket.create_connection(('127.0.0.1', 1))", "import ssl", "import urllib.request; urllib.request.urlopen('http://x.invalid')", "import socket; print(socket.gethostname())"):
    try:
        exec(code)
    except BaseException:
        print(traceback.format_exc())
