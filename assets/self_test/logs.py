"""Standard error: logging and warnings."""

import logging
import sys
import warnings

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
logging.getLogger("app").info("%s requests", 3)
warnings.warn("old", DeprecationWarning, stacklevel=1)
print("direct", file=sys.stderr)
try:
    1 / 0  # noqa: B018
except ZeroDivisionError:
    logging.exception("failed")
