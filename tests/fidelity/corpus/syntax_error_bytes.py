#: cold
#: exit 1
#: stderr SyntaxError: Non-UTF-8 code starting with '\xfc' in file /code/syntax_error_bytes.py on line 4, but no encoding declared; see https://peps.python.org/pep-0263/ for details
print("ü")
