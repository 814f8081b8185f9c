#: stderr RuntimeWarning: Enable tracemalloc to get the object allocation traceback
import asyncio, traceback


async def main():
    await asyncio.sleep(0.01)
    print(await asyncio.gather(one(1), one(2)))


async def one(n):
    await asyncio.sleep(0)
    return n


try:
    asyncio.run(main())
except BaseException:
    print(traceback.format_exc())


class Loop(asyncio.BaseEventLoop):
    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass


coroutine = one(3)
try:
    coroutine.send(None)
    coroutine.send(None)
except StopIteration as stop:
    print(stop.value)
