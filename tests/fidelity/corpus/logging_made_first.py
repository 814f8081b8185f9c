import logging, sys

logger = logging.getLogger("concurrent.futures")
logger.addHandler(logging.StreamHandler(sys.stdout))
logger.setLevel(logging.INFO)
import concurrent.futures, asyncio

print(concurrent.futures._base.LOGGER is logger, asyncio.log.logger)
future = concurrent.futures.Future()
future.add_done_callback(lambda future: 1 / 0)
future.set_result(1)
