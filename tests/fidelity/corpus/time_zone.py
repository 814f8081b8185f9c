#: env TZ=CET-1CEST,M3.5.0,M10.5.0/3
import datetime, os, time

print(time.tzname, time.timezone, time.altzone, time.daylight)
print(time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(1_700_000_000)), time.localtime(1_690_000_000).tm_isdst)
print(datetime.datetime.fromtimestamp(1_700_000_000), datetime.datetime.fromtimestamp(0, datetime.timezone.utc))
print(datetime.datetime.fromtimestamp(1_700_000_000).astimezone().isoformat(), time.mktime((2024, 7, 1, 0, 0, 0, 0, 0, -1)))
if hasattr(time, "tzset"):
    os.environ["TZ"] = "EST5EDT"
    time.tzset()
    print(time.tzname, time.localtime(1_700_000_000).tm_hour)
