"""Groups: aggregates, transforms, windows within groups."""

import pandas as pd

frame = pd.DataFrame(
    {
        "kind": ["nut", "bolt", "nut", "washer", "bolt", "nut"],
        "place": ["x", "x", "y", "y", "x", "x"],
        "count": pd.array([3, 5, 2, 7, 1, 4], dtype="int64"),
        "price": [0.5, 1.25, 0.75, 0.1, 1.5, 0.5],
    }
)
print(frame.groupby("kind")["price"].agg(["count", "sum", "mean", "max"]))
print(frame.groupby(["place", "kind"], sort=True).agg(total=("count", "sum"), cheapest=("price", "min")))
print(frame.groupby("kind")["count"].transform("sum").tolist(), frame.groupby("kind")["count"].rank().tolist())
print(frame.groupby("place")["count"].cumsum().tolist(), frame.groupby("kind").ngroup().tolist())
print(frame.groupby("kind").filter(lambda group: len(group) > 1).index.tolist())
print(frame.groupby("kind")["price"].apply(lambda prices: round(prices.max() - prices.min(), 6)).to_dict())
print(frame.groupby("kind")["price"].describe().round(4).to_string())
print(frame.groupby(frame["count"] > 3)["price"].mean().round(6).to_dict())
print(frame.groupby("place").head(1).to_dict("records"))
print(frame.groupby("kind")["price"].quantile([0.25, 0.75]).round(6).to_string())
