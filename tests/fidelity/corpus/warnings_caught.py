#: 3.13+ exit 1
#: 3.13+ stderr ModuleNotFoundError: No module named 'cgi'
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import cgi
    warnings.warn("x", stacklevel=2)
print([(str(w.message)[:30], w.category, w.filename, w.lineno) for w in caught])
