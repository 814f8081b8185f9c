"""Series in time: resampling, rolling windows, shifts."""

import numpy as np
import pandas as pd

index = pd.date_range("2024-01-30", periods=10, freq="12h")
series = pd.Series(np.arange(10, dtype=np.float64), index=index)
print(series.resample("D").sum(), series.resample("D").ohlc(), sep="\n")
print(series.resample("6h").interpolate().head(4).to_dict())
print(series.rolling(3).mean().round(6).tolist(), series.rolling("1D").sum().tolist())
print(series.expanding().max().tolist()[:3], series.ewm(span=3).mean().round(6).tolist())
print(series.shift(1, freq="D").index[0], series.diff().tolist()[1], series.pct_change().round(4).tolist()[2:4])
print(series.asfreq("D").tolist(), series["2024-02"].sum(), series.between_time("11:00", "13:00").tolist())
print(pd.date_range("2024-01-31", periods=3, freq="ME").strftime("%d.%m.%Y").tolist())
print(pd.bdate_range("2024-03-28", "2024-04-03").day_name().tolist())
print(pd.period_range("2024Q1", periods=3, freq="Q").astype(str).tolist(), pd.Period("2024-02", "M").end_time)
print((index[0] + pd.offsets.MonthEnd(2), index[0] + pd.DateOffset(months=1)))
print(series.groupby(series.index.month).mean().to_dict(), pd.Timedelta("1 days 02:03:04").total_seconds())
print(pd.to_timedelta(["1h", "90min"]).sum(), series.idxmax(), series.index.isocalendar().week.iloc[0])
