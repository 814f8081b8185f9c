import os

os.write(1, b"Content-Type: text/plain\n\nbody\n")
os._exit(0)
