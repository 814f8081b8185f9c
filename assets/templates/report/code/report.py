"""A report of a CSV file: a table, summary statistics, a chart of groups. Nothing is kept: the page holds the data."""

import html
import os
import sys
from io import StringIO
from pathlib import Path
from string import Template

import pandas as pd
from chart import bars
from multipart import Upload, parse

LARGEST = 1 << 20
MOST_COLUMNS = 100
MOST_GROUPS = 50
SHOWN_ROWS = 10
SHOWN_GROUPS = 12
HERE = Path(__file__).parent
PAGE = Template((HERE / "page.html").read_text(encoding="utf-8"))


class BadData(ValueError):
    """Says what is wrong with a file, to who sent it."""


def main():
    method = os.environ["REQUEST_METHOD"]
    if method in ("GET", "HEAD"):
        show((HERE / "sample.csv").read_text(encoding="utf-8"), "sample.csv")
    elif method == "POST":
        submit()
    else:
        respond("405 Method Not Allowed", "This page answers GET and POST.", "text/plain")


def submit():
    size = int(os.environ.get("CONTENT_LENGTH") or 0)
    # The form sends the text of the last file along with a new one.
    if size > 3 * LARGEST:
        return refuse(f"The file is larger than {LARGEST >> 20} MiB.", "413 Content Too Large")
    try:
        fields = parse(os.environ.get("CONTENT_TYPE", ""), sys.stdin.buffer.read(size))
    except ValueError as error:
        return respond("400 Bad Request", f"This is not what the form sends: {error}.", "text/plain")
    try:
        text, name = sent(fields)
    except BadData as error:
        return refuse(str(error))
    show(text, name, *(str(fields.get(key, "")) for key in ("group", "value")))


def sent(fields):
    """The text of the file that was chosen, else that of the last one, and its name."""
    file = fields.get("file")
    if not isinstance(file, Upload):
        text, name = str(fields.get("text", "")), str(fields.get("name", ""))
        if not text:
            raise BadData("Please choose a CSV file.")
        # A browser ends each line with two characters.
        if len(text) > 2 * LARGEST:
            raise BadData(f"The text is larger than {LARGEST >> 20} MiB.")
        return text, name
    if len(file.content) > LARGEST:
        raise BadData(f"{file.name} is larger than {LARGEST >> 20} MiB.")
    try:
        return file.content.decode("utf-8-sig"), file.name
    except UnicodeDecodeError as error:
        line = file.content.count(b"\n", 0, error.start) + 1
        raise BadData(f"{file.name} is not UTF-8: see line {line}.") from None


def read(text):
    """The table. What separates its columns is what its first line has most of."""
    separator = max(",;\t", key=text.partition("\n")[0].count)
    try:
        table = pd.read_csv(StringIO(text), sep=separator, skipinitialspace=True)
    except pd.errors.EmptyDataError:
        raise BadData("The file is empty.") from None
    except pd.errors.ParserError as error:
        reason = str(error).removeprefix("Error tokenizing data. C error: ").strip().rstrip(".")
        raise BadData(f"The file is no table: {reason}.") from None
    if table.empty:
        raise BadData("The file has no rows below its first line, which names the columns.")
    if len(table.columns) > MOST_COLUMNS:
        raise BadData(f"The file has {len(table.columns)} columns; {MOST_COLUMNS} is the most.")
    table.columns = table.columns.astype(str)
    return table


def columns_of(table):
    """The columns to group by, those that hold few different values, and those with numbers, to add up."""
    numbers = [name for name in table.select_dtypes("number") if table[name].notna().any()]
    if not numbers:
        raise BadData("No column of the file holds numbers alone.")
    texts = [name for name in table if name not in numbers and 1 <= table[name].nunique() <= MOST_GROUPS]
    few = [name for name in numbers if table[name].nunique() <= SHOWN_GROUPS]
    if not texts and not few:
        raise BadData(f"Each column has more than {MOST_GROUPS} different values, so there is nothing to group by.")
    return texts + few, numbers


def show(text, name, group="", value=""):
    try:
        table = read(text)
        groups, numbers = columns_of(table)
    except BadData as error:
        return refuse(str(error), text=text, name=name)
    group = group if group in groups else groups[0]
    if value not in numbers:
        value = next((each for each in numbers if each not in groups), numbers[-1])
    sums = table.groupby(group, observed=True)[value].agg(["count", "sum", "mean"]).sort_values("sum", ascending=False)
    kept = {"name": name, "text": text, "groups": options(groups, group), "values": options(numbers, value)}
    parts = {
        "rows": f"{len(table):,} rows, {len(table.columns)} columns",
        "head": as_html(table.head(SHOWN_ROWS), index=False),
        "summary": as_html(table[numbers].describe().T),
        "title": html.escape(f"{value} by {group}"),
        "groups_table": as_html(sums),
        "chart": bars(sums["sum"].head(SHOWN_GROUPS).items(), f"Sum of {value} by {group}"),
    }
    report = Template((HERE / "report.html").read_text(encoding="utf-8")).substitute(parts)
    respond("200 OK", page(report=report, **kept))


def refuse(error, status="422 Unprocessable Content", text="", name=""):
    respond(status, page(error=error, text="", name=name))


def page(error="", report="", text="", name="", groups="", values=""):
    """The page: what is not HTML yet is escaped."""
    plain = {"error": error, "text": text, "name": name}
    plain = {key: html.escape(value) for key, value in plain.items()}
    return PAGE.substitute(plain, report=report, groups=groups, values=values, again="" if text else "hidden")


def options(names, chosen):
    """The choices of a list, of which one is chosen."""
    selected = {chosen: " selected"}
    return "".join(f"<option{selected.get(name, '')}>{html.escape(name)}</option>" for name in names)


def as_html(table, **how):
    # It escapes names and values.
    return table.to_html(border=0, na_rep="", float_format="{:,.2f}".format, **how)


def respond(status, text, kind="text/html"):
    print(f"Status: {status}")
    print(f"Content-Type: {kind}; charset=utf-8")
    print()
    print(text)


if __name__ == "__main__":
    main()
