import logging, sys

print(sorted(logging.root.manager.loggerDict))
import concurrent.futures

print(sorted(logging.root.manager.loggerDict), concurrent.futures._base.LOGGER.handlers)
logging.getLogger("asyncio.mine").setLevel(logging.INFO)
print(logging.root.manager.loggerDict["asyncio"].__class__.__name__)
import asyncio
import asyncio.log



class Loop:
    _exception_handler = None
    default_exception_handler = asyncio.BaseEventLoop.default_exception_handler
    _current_handle = None


print(asyncio.log.logger is logging.getLogger("asyncio"), logging.getLogger("asyncio.mine").parent)
print(sorted(logging.root.manager.loggerDict))
logging.basicConfig(format="%(name)s %(message)s", level=logging.DEBUG, stream=sys.stdout)
asyncio.BaseEventLoop.call_exception_handler(Loop(), {"message": "told"})
