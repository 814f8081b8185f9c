"""Dates and the clock."""

import calendar
import datetime
import time

moment = datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.timezone.utc)
print(moment.isoformat(), moment + datetime.timedelta(days=366), moment.strftime("%a %d %b %Y %H:%M"))
print(datetime.datetime.strptime("2024-03-01", "%Y-%m-%d").date(), calendar.month(2024, 2).splitlines()[-1])
print(time.gmtime(0)[:6], time.strftime("%Y", time.gmtime(0)))
assert time.time() > 1_600_000_000
assert time.monotonic() <= time.monotonic()
