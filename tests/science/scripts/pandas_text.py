"""Columns of text, indexes of several levels, sorting, selecting."""

import pandas as pd

names = pd.Series(["Ada Lovelace", "grace hopper", None, "Émilie du Châtelet"])
print(names.str.title().tolist(), names.str.len().tolist(), names.str.contains("o", na=False).tolist())
print(names.str.split(n=1, expand=True).to_dict("list"), names.str.extract(r"(?P<first>\w+) (\w+)").to_dict("list"))
print(names.str.replace(r"\s+", "_", regex=True).tolist(), names.str.normalize("NFD").str.len().tolist(), names.dtype)
print(names.str.get_dummies(" ").columns.tolist(), names.str.findall("[aeiou]").tolist()[0], names.str[:3].tolist())
levels = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["letter", "number"])
frame = pd.DataFrame({"v": [4.0, 3.0, 2.0, 1.0]}, index=levels)
print(frame.loc["a"].to_dict(), frame.xs(2, level="number")["v"].to_dict(), frame.unstack()["v"].to_dict("list"))
print(frame.sort_values("v").index.tolist(), frame.swaplevel().sort_index().index.tolist()[:2])
print(frame.reset_index().query("v > 1.5 and letter == 'a'")["number"].astype("int64").tolist())
print(frame.reset_index().nlargest(2, "v")["v"].tolist(), frame["v"].rank(ascending=False).tolist())
print(frame.assign(w=lambda each: each["v"] * 2).eval("v + w").tolist(), frame.rename(columns=str.upper).columns.tolist())
print(frame.iloc[1:3, 0].tolist(), frame.at[("b", 1), "v"], frame.loc[("a", 2) : ("b", 1), "v"].tolist())
print(frame["v"].map({4.0: "four"}).tolist(), frame["v"].apply(lambda value: value**2).tolist(), frame["v"].duplicated().any())
print(frame.reset_index().set_index("letter").index.is_unique, pd.Index(["b", "a"]).union(["c"]).tolist())
try:
    frame.loc["z"]
except KeyError as error:
    print("KeyError", error)
