import asyncio
import sys

import httpx


async def main():
    async with httpx.AsyncClient(base_url=f"http://{sys.argv[1]}") as client:
        answers = await asyncio.gather(*(client.get(path) for path in ("/hello", "/chunked", "/hello")))
        print(*(answer.text for answer in answers))
        print((await client.post("/echo", content=b"z" * 100_000)).content == b"z" * 100_000)


print("Content-Type: text/plain\n")
asyncio.run(main())
