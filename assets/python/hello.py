import os

print("Content-Type: text/plain; charset=utf-8")
print()
print(f"Hello from {os.environ['SCRIPT_NAME']}")
