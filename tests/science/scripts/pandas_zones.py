"""Time zones, with data of the package tzdata or of the system."""

import pandas as pd

times = pd.date_range("2024-03-30 12:00", periods=3, freq="D", tz="Europe/Berlin")
print(times.tolist(), times.tz_convert("UTC").strftime("%H:%M").tolist())
print([str(each.utcoffset()) for each in times], times.tz_localize(None)[0], (times[2] - times[0]))
print(pd.Timestamp("2024-07-01 12:00", tz="America/New_York").tz_convert("Asia/Tokyo").isoformat())
for when, how in (("2024-03-31 02:30", "shift_forward"), ("2024-03-31 02:30", "NaT")):
    print(pd.Timestamp(when).tz_localize("Europe/Berlin", nonexistent=how))
print(pd.Timestamp("2024-10-27 02:30").tz_localize("Europe/Berlin", ambiguous=True).utcoffset())
try:
    pd.Timestamp("2024-10-27 02:30").tz_localize("Europe/Berlin")
except ValueError as error:
    print(type(error).__name__, "ambiguous" in str(error).lower() or "infer" in str(error).lower())
frame = pd.DataFrame({"at": pd.to_datetime(["2024-01-01T00:00:00Z", "2024-06-01T00:00:00+02:00"], utc=True)})
print(frame["at"].dt.tz_convert("Australia/Sydney").dt.hour.tolist(), frame["at"].dtype)
print(frame["at"].dt.date.astype(str).tolist(), frame["at"].dt.quarter.tolist(), frame["at"].dt.is_leap_year.tolist())
print(pd.to_datetime([0, 86400], unit="s", utc=True).tolist(), pd.Timestamp(1_700_000_000, unit="s").isoformat())
print(pd.to_datetime(["31/12/2024", "x"], format="%d/%m/%Y", errors="coerce").tolist())
print(pd.Timestamp("2024-05-05 13:45:59.123456789").round("min"), pd.Timestamp.max.year, pd.Timestamp("2024-05-05").week)
