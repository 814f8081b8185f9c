"""What a script does in the network, for benches/network: medians in milliseconds, a line each."""

import http.client
import os
import ssl
import statistics
import time
import urllib.request

PLAIN, TLS, CA = os.environ["PLAIN"], os.environ["TLS"], os.environ["CA"]
context = ssl.create_default_context(cadata=CA.replace("|", "\n"))


def new():
    urllib.request.urlopen(f"http://{PLAIN}/10").read()


def new_tls():
    connection = http.client.HTTPSConnection(TLS, context=context)
    connection.request("GET", "/10")
    connection.getresponse().read()
    connection.close()


def kept(connection):
    def ask():
        connection.request("GET", "/10")
        connection.getresponse().read()

    return ask


def download():
    urllib.request.urlopen(f"http://{PLAIN}/20000000").read()


print("Content-Type: text/plain\n")
for name, step, times in (
    ("urllib GET, new connection", new, 100),
    ("http.client GET, kept connection", kept(http.client.HTTPConnection(PLAIN)), 300),
    ("HTTPS GET, own CA, new connection", new_tls, 60),
    ("HTTPS GET, kept connection", kept(http.client.HTTPSConnection(TLS, context=context)), 300),
    ("20 MB down", download, 5),
):
    step()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        step()
        taken.append((time.perf_counter() - began) * 1000)
    print(f"{name}|{statistics.median(taken):.3f}")
