# -*- coding: nonsense -*-
#: cold
#: exit 1
#: stderr SyntaxError: encoding problem: nonsense
#: 3.14+ stderr SyntaxError: unknown encoding: nonsense
print(1)
