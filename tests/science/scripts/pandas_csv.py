"""Tables read from and written to text."""

import io

import pandas as pd

TEXT = """id;name;when;amount;note
1;"Lovelace; Ada";10.12.1815;1234,50;first
2;Hopper;09.12.1906;;NA
3;Émilie;17.12.1706;7,25;"two
lines"
"""
frame = pd.read_csv(io.StringIO(TEXT), sep=";", decimal=",", index_col="id", dtype={"id": "int64"})
frame["when"] = pd.to_datetime(frame["when"], format="%d.%m.%Y")
print(frame.to_string(), frame.dtypes.astype(str).to_dict(), sep="\n")
print(frame.to_csv(lineterminator="\n"), frame.to_csv(sep="\t", na_rep="-", float_format="%.1f", lineterminator="\n"))
print(frame.to_json(orient="records", date_format="iso", date_unit="s"), frame["amount"].to_json())
print(pd.read_json(io.StringIO('[{"a": 1.5, "b": "x"}, {"a": 2.5, "b": null}]')).to_dict("list"))
chunks = pd.read_csv(io.StringIO("a\n1\n2\n3\n"), chunksize=2, dtype="int64")
print([int(chunk["a"].sum()) for chunk in chunks])
print(pd.read_csv(io.StringIO("a b\n 1  2\n"), sep=r"\s+", dtype="int64").to_dict("list"))
print(pd.read_fwf(io.StringIO("abc  12\ndefg 34\n"), widths=[5, 2], names=["x", "y"], dtype={"y": "int64"}).to_dict("list"))
print(pd.read_csv(io.StringIO("a,b\n1,2\n3\n"), skiprows=[0], header=None, names=["p", "q"]).fillna(0.0).to_dict("list"))
for text in ("", "a,b\n1,2,3\n4,5,6,7\n", 'a\n"open'):
    try:
        print(pd.read_csv(io.StringIO(text)).shape)
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        print(type(error).__name__, str(error).strip())
buffer = io.BytesIO()
frame.reset_index().to_pickle(buffer)
buffer.seek(0)
print(pd.read_pickle(buffer).equals(frame.reset_index()), frame.to_dict("index")[1]["name"])
