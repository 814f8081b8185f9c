#: env PYTHONHASHSEED=42
print(hash("a"), hash(b"b"), hash(("x", 1)), {"one", "two", "three"}, hash(None) == hash(None))
