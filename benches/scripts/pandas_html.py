import pandas as pd

table = pd.DataFrame({"kind": ["nut", "bolt", "washer", "screw"] * 25, "price": [float(n) for n in range(100)]})
print("Content-Type: text/html")
print()
print(table.groupby("kind")["price"].agg(["count", "sum", "mean"]).to_html())
