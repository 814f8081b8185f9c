from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel


@asynccontextmanager
async def lifespan(app):
    yield {"greeting": "Hello"}


app = FastAPI(title="Things", lifespan=lifespan)


class Thing(BaseModel):
    name: str
    price: float


def limit(most: int = 10):
    yield most


@app.get("/hello/{name}")
async def hello(request: Request, name: str):
    return {"text": f"{request.state.greeting} {name}", "url": str(request.url_for("hello", name="é"))}


@app.get("/thread")
def in_a_thread(tasks: BackgroundTasks):
    tasks.add_task(print, "", "in the background")
    return PlainTextResponse("done at once")


@app.post("/pieces")
async def pieces(request: Request):
    async def several():
        async for piece in request.stream():
            yield b"%d\n" % len(piece)

    return StreamingResponse(several())


@app.get("/things/{number}")
def thing(number: int, most: int = Depends(limit)):
    if number > most:
        raise HTTPException(404, "no such thing")
    return {"number": number}


@app.post("/things", status_code=201)
async def make(thing: Thing) -> Thing:
    return thing
