import os

print({name: value for name, value in os.environ.items() if not name.startswith("PYTHON")})
