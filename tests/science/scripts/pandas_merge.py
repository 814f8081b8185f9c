"""Tables joined."""

import pandas as pd

people = pd.DataFrame({"id": pd.array([1, 2, 3, 4], dtype="int64"), "name": ["Ada", "Grace", "Alan", "Edsger"]})
orders = pd.DataFrame({"person": pd.array([1, 1, 3, 9], dtype="int64"), "item": ["pen", "ink", "tape", "rope"]})
for how in ("inner", "left", "right", "outer"):
    print(how, people.merge(orders, left_on="id", right_on="person", how=how, indicator=True).to_string(), sep="\n")
print(people.merge(orders, how="cross").shape)
print(people.set_index("id").join(orders.set_index("person"), how="inner").to_dict("list"))
left = pd.DataFrame({"at": pd.to_datetime(["2024-01-01 10:00", "2024-01-01 10:05"]), "a": [1.0, 2.0]})
right = pd.DataFrame({"at": pd.to_datetime(["2024-01-01 09:59", "2024-01-01 10:04"]), "b": [5.0, 6.0]})
print(pd.merge_asof(left, right, on="at").to_string())
print(pd.concat([people, people.tail(1)], ignore_index=True).drop_duplicates().shape)
print(pd.concat({"x": people["name"], "y": orders["item"]}, axis=1).to_string())
first = pd.Series([1.0, None, 3.0])
print(first.combine_first(pd.Series([9.0, 8.0, 7.0])).tolist(), first.where(first > 2, 0.0).tolist())
a, b = pd.Series([1.0, 2.0], index=["x", "y"]), pd.Series([10.0, 20.0], index=["y", "z"])
print((a + b).to_dict(), a.add(b, fill_value=0.0).to_dict(), a.align(b)[1].tolist())
try:
    people.merge(pd.concat([orders, orders]), left_on="id", right_on="person", validate="one_to_one")
except pd.errors.MergeError as error:
    print(error)
