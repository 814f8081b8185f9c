#: exit 1
#: stderr SyntaxError: invalid syntax
import wrong
