#: stderr stack_logging.py:13:<module> WARNING Stack (most recent call last): []
import logging

logging.basicConfig(format="%(filename)s:%(lineno)d:%(funcName)s %(levelname)s %(message)s")


def f():
    logging.warning("in f", stack_info=True, stacklevel=1)


f()
logging.error("outside", stacklevel=5, stack_info=True)
logging.warning("Stack (most recent call last): []")
