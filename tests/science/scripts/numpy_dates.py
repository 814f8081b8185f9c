"""Dates and durations."""

import numpy as np

days = np.arange("2024-02-26", "2024-03-04", dtype="datetime64[D]")
print(days.tolist(), np.is_busday(days).tolist())
print(np.busday_count("2024-01-01", "2025-01-01").item(), np.busday_offset("2024-03-01", 5).item())
print((days[1:] - days[:-1]).astype(np.int64).tolist(), (days[-1] - days[0]).item())
print(np.datetime64("2024-02-29T12:30:15.123456789"), np.datetime64("2024-02-29", "M") + np.timedelta64(1, "M"))
print(np.datetime_as_string(days[:2], unit="h").tolist(), days.astype("datetime64[M]").astype(str).tolist()[::3])
print(np.timedelta64(90, "m").astype("timedelta64[s]").astype(np.int64), np.timedelta64(1, "D") / np.timedelta64(1, "h"))
moments = np.array(["1969-12-31T23:59:59", "1970-01-01T00:00:01", "NaT"], dtype="datetime64[s]")
print(moments.astype(np.int64)[:2].tolist(), np.isnat(moments).tolist(), np.sort(moments).astype(str).tolist())
print(np.datetime64("2100-01-01") - np.datetime64("1900-01-01"), np.datetime64("0001-01-01"), np.datetime64("9999-12-31"))
print(days.min(), days.max(), days.dtype, np.datetime_data(moments.dtype))
