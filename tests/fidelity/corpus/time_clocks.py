import datetime, time

for name in ("time", "monotonic", "perf_counter", "process_time"):
    info = time.get_clock_info(name)
    print(name, info.implementation, info.monotonic, info.adjustable, info.resolution)
print(abs(datetime.datetime.now(datetime.timezone.utc).timestamp() - time.time()) < 60)
start = time.monotonic()
try:
    time.sleep(0.02)
    print(0.02 <= time.monotonic() - start)
except OSError as error:
    # The build of 3.11 cannot wait.
    print(error)
print( 0 <= time.monotonic() < 600, 0 <= time.perf_counter() < 600)
