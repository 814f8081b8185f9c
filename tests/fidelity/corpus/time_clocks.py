#: clock 1700000000
import datetime, time

for name in ("time", "monotonic", "perf_counter", "process_time"):
    info = time.get_clock_info(name)
    print(name, info.implementation, info.monotonic, info.adjustable, info.resolution)
print(datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds"), round(time.time(), 3))
try:
    time.sleep(100)
except OSError as error:
    # The build of 3.11 cannot wait.
    print(error)
print(round(time.time(), 3), round(time.monotonic(), 3), round(time.perf_counter(), 3))
