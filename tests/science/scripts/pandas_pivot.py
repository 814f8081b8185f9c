"""Tables turned: pivot, melt, stack, cross tabulation."""

import pandas as pd

sales = pd.DataFrame(
    {
        "year": pd.array([2024, 2024, 2024, 2025, 2025], dtype="int64"),
        "region": ["north", "south", "south", "north", "south"],
        "sold": [10.0, 20.0, 5.0, 30.0, 40.0],
    }
)
table = sales.pivot_table(index="year", columns="region", values="sold", aggfunc="sum", margins=True)
print(table)
wide = sales.groupby(["year", "region"])["sold"].sum().unstack(fill_value=0.0)
print(wide.T, wide.stack().to_dict(), sep="\n")
print(wide.reset_index().melt(id_vars="year", value_name="sold").to_string(index=False))
print(pd.crosstab(sales["year"], sales["region"], normalize="index").round(4))
print(sales.pivot_table(index="region", values="sold", aggfunc=["mean", "count"]).to_string())
print(wide.add_suffix("_sold").reset_index().to_dict("list"))
print(pd.get_dummies(sales["region"], dtype="int64").sum().to_dict())
print(pd.cut(sales["sold"], [0, 10, 25, 100], labels=["low", "middle", "high"]).tolist())
print(pd.qcut(sales["sold"], 2).astype(str).tolist())
print(sales.explode("sold").shape, pd.DataFrame({"a": [[1, 2], [3]]}).explode("a")["a"].tolist())
