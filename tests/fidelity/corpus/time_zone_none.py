import datetime, time

print(time.tzname, time.timezone, time.localtime(0))
try:
    import zoneinfo

    print(zoneinfo.TZPATH, zoneinfo.ZoneInfo("Europe/Berlin"))
except Exception as error:
    print(type(error), error)
print(datetime.datetime.now().astimezone().tzinfo, datetime.date.fromisoformat("2024-02-29").strftime("%A %d %B"))
