"""Tables, footnotes, code."""

import markdown

TEXT = """# Title

| a | b |
|---|---|
| 1 | 2 |

A note[^1].

[^1]: Here.

```python
print("x")
```
"""
print(markdown.markdown(TEXT, extensions=["tables", "footnotes", "fenced_code", "toc", "codehilite"]))
