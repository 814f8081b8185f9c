"""Makes a report before the interpreter is saved: what pandas makes at its first use is there for each request then."""

import report

table = report.read((report.HERE / "sample.csv").read_text(encoding="utf-8"))
groups, numbers = report.columns_of(table)
sums = table.groupby(groups[0], observed=True)[numbers[0]].agg(["count", "sum", "mean"])
report.as_html(sums.sort_values("sum"))
report.as_html(table[numbers].describe().T)
report.bars(sums["sum"].items(), "warm")
