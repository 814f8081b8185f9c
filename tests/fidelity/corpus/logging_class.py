import logging


class Mine(logging.Logger):
    pass


logging.setLoggerClass(Mine)
import asyncio.log, concurrent.futures

print(asyncio.log.logger, concurrent.futures._base.LOGGER)
