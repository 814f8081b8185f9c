#: stderr ERROR:name:with a traceback
import logging

print(logging.getLogger(), logging.getLogger().handlers, logging.root.manager.loggerDict, logging.lastResort)
logging.warning("to the last resort: %s", 1)
log = logging.getLogger("name")
log.setLevel(logging.DEBUG)
log.debug("debug")
log.info("info")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("with a traceback")
log.error("with a traceback")
print(logging.getLogger("a.b").parent, list(logging.root.manager.loggerDict))
