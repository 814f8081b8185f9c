"""Tables as HTML, Markdown-like text and styles, with what has to be escaped."""

import pandas as pd

frame = pd.DataFrame(
    {"<name>": ["Ada & co", "<script>alert(1)</script>", 'a "quote"'], "value": [1234.5678, None, -0.001]},
    index=pd.Index(["x", "y", "z"], name="key"),
)
print(frame.to_html(border=0, classes="report", na_rep="-", float_format="{:,.2f}".format))
print(frame.to_html(escape=False, header=False, index=False, columns=["value"]))
print(frame.to_string(float_format="%.3f", na_rep="none", justify="left"))
print(frame.describe().to_html(border=0, float_format="%.4f"))
print(pd.DataFrame({"a": [1.0] * 3}).to_html(max_rows=2), frame.head(0).to_html())
columns = pd.MultiIndex.from_product([["north", "south"], ["min", "max"]])
print(pd.DataFrame([[1.0, 2.0, 3.0, 4.0]], columns=columns).to_html(border=0))
print(frame["value"].to_frame().T.to_html(border=0), repr(frame), frame._repr_html_(), sep="\n")
with pd.option_context("display.precision", 2, "display.max_columns", 1):
    print(frame)
