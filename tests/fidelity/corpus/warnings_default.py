#: stderr   warnings.warn("shown again elsewhere", DeprecationWarning)
import warnings

for _ in range(3):
    warnings.warn("shown once a place")
    warnings.warn("deprecated, shown in __main__", DeprecationWarning)
    warnings.warn("not shown", ImportWarning)
    warnings.warn("not shown", PendingDeprecationWarning)


def f():
    warnings.warn("shown again elsewhere", DeprecationWarning)


f()
print(warnings.filters, sorted(__warningregistry__, key=str))
