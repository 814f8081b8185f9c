import http.client
import os

connection = http.client.HTTPConnection(os.environ["PLAIN"])
connection.request("GET", "/10")
print("Content-Type: text/plain\n")
print(connection.getresponse().read())
