import sys

sys.stdout.reconfigure(encoding="latin-1", errors="replace", line_buffering=True)
print("ü€")
sys.stdout.reconfigure(newline="\r\n", write_through=True)
print("line")
