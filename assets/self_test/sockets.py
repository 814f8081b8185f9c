import socket

socket.socket().close()
print("ok")
