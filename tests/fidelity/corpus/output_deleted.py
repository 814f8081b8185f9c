#: exit 1
#: stderr RuntimeError: lost sys.stdout
import sys

del sys.stdout
print("nowhere")
