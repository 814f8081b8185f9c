# -*- coding: nonsense -*-
#: cold
#: exit 1
#: stderr SyntaxError: encoding problem: nonsense
print(1)
