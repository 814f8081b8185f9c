#: stderr   _warnings.warn("from C", UserWarning)
import _warnings, sys

print("warnings" in sys.modules)
_warnings.warn("from C", UserWarning)
print("warnings" in sys.modules, _warnings.filters)
