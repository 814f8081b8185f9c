#: run ["python", "-W", "error", "{}"]
#: cold
#: exit 1
#: stderr SyntaxError: assertion is always true, perhaps remove parentheses?
assert (1, "always true")
