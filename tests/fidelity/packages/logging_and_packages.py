"""Loggers that packages make, before and after they are imported."""

import logging
import sys

print(sorted(name for name in logging.root.manager.loggerDict if name.startswith(("sqlalchemy", "asyncio", "werkzeug"))))
early = logging.getLogger("sqlalchemy.engine")
early.addHandler(logging.StreamHandler(sys.stdout))

import sqlalchemy

known = logging.root.manager.loggerDict
print(sorted(name for name in known if name.startswith("sqlalchemy")))
print(known["sqlalchemy.engine"] is early, early.parent.name, sqlalchemy.__name__)
