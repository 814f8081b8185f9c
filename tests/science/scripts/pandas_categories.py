"""Categories, missing values, kinds of columns."""

import pandas as pd

sizes = pd.Series(pd.Categorical(["m", "s", "l", "m", None], categories=["s", "m", "l"], ordered=True))
print(sizes.cat.codes.tolist(), sizes.sort_values().tolist(), (sizes >= "m").tolist(), sizes.max())
print(sizes.value_counts().to_dict(), sizes.cat.add_categories(["xl"]).cat.categories.tolist())
print(sizes.groupby(sizes, observed=False).size().to_dict(), sizes.cat.rename_categories(str.upper).tolist())
frame = pd.DataFrame({"a": [1.0, None, 3.0], "b": ["x", None, "z"], "c": pd.array([1, None, 3], dtype="Int64")})
print(frame.isna().sum().to_dict(), frame.dropna().shape, frame["c"].sum(), frame["c"].fillna(0).tolist())
print(frame["a"].ffill().tolist(), frame["a"].interpolate().tolist(), frame.fillna({"a": 0.0, "b": "?"})["b"].tolist())
print(frame.dtypes.astype(str).to_dict(), frame.convert_dtypes().dtypes.astype(str).to_dict())
print(pd.array([True, None], dtype="boolean").tolist(), pd.to_numeric(pd.Series(["1.5", "x"]), errors="coerce").tolist())
print(frame.select_dtypes("number").columns.tolist(), frame["a"].astype("float32").dtype, frame.memory_usage(index=False)["a"])
print(sizes.astype(str).str.cat(sep=","), pd.factorize(pd.Series(["b", "a", "b"]))[0].tolist())
print(sizes.dtype, pd.api.types.is_numeric_dtype(frame["c"]), pd.isna(pd.NA), pd.NA & False)
print(frame.replace({"x": "y"})["b"].tolist(), frame["a"].clip(upper=2.0).tolist(), frame["a"].between(1, 2).tolist())
