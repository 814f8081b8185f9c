#: run ["python", "-W", "always", "{}"]
#: stderr   import imp
import sys

import cgi, aifc, telnetlib, crypt
if sys.version_info < (3, 12):
    import imp
else:
    import warnings

    warnings.warn_explicit("imp is gone", DeprecationWarning, __file__, 8)
