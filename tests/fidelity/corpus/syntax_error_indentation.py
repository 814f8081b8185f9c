#: cold
#: exit 1
#: stderr IndentationError: expected an indented block after function definition on line 4
def f():
pass
