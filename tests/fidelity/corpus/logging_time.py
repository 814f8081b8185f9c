#: clock 1700000000
#: stderr 2023-11-14 22:13:20,000
import logging, time

record = logging.LogRecord("n", 20, "p", 1, "m", (), None)
print(int(record.relativeCreated), round(record.created, 3), record.processName, record.process)
print(record.threadName, record.thread is not None, record.taskName if hasattr(record, "taskName") else None)
logging.error("the age is %.3f", time.monotonic())
logging.getLogger().handlers[0].setFormatter(logging.Formatter("%(asctime)s"))
logging.error("unseen")
