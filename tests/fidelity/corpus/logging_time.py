#: stderr ERROR:root:the age is small: True
import logging, time

record = logging.LogRecord("n", 20, "p", 1, "m", (), None)
print(0 <= record.relativeCreated < 60_000, abs(record.created - time.time()) < 60, record.processName, record.process)
print(record.threadName, record.thread is not None, record.taskName if hasattr(record, "taskName") else None)
logging.error("the age is small: %s", time.monotonic() < 600)
logging.getLogger().handlers[0].setFormatter(logging.Formatter("%(asctime)s"))
