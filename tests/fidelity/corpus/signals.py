import signal, traceback

print(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))
for call in (
    lambda: signal.signal(signal.SIGINT, lambda *a: print("handled", a[0])),
    lambda: signal.raise_signal(signal.SIGINT),
    lambda: signal.alarm(1),
    lambda: sorted(signal.valid_signals())[:3],
    lambda: signal.strsignal(2),
):
    try:
        print(call())
    except BaseException:
        print(traceback.format_exc())
print("end")
