from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles


@asynccontextmanager
async def lifespan(app):
    yield {"greeting": "Hello"}


async def hello(request):
    return JSONResponse(
        {
            "text": f"{request.state.greeting} {request.path_params['name']}",
            "url": str(request.url_for("hello", name="é")),
        }
    )


def in_a_thread(request):
    return PlainTextResponse("done at once", background=BackgroundTask(print, "", "in the background"))


async def pieces(request):
    async def several():
        async for piece in request.stream():
            yield b"%d\n" % len(piece)

    return StreamingResponse(several())


app = Starlette(
    routes=[
        Route("/hello/{name}", hello, name="hello"),
        Route("/thread", in_a_thread),
        Route("/pieces", pieces, methods=["POST"]),
        Mount("/static", StaticFiles(directory="/code/static")),
    ],
    lifespan=lifespan,
)
