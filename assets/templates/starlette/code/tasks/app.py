"""The app object, which /code/pywagi.py runs by ASGI: routes, lifespan, errors."""

from contextlib import asynccontextmanager, closing
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from . import api, database, pages


@asynccontextmanager
async def lifespan(app):
    with closing(database.connect(app.state.database)) as connection:
        yield {"database": connection}


async def show_error(request, error):
    if request.url.path.startswith(str(request.url_for("api:tasks").path)):
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
    return pages.show(request, "error.html", {"error": error}, error.status_code)


def create_app(path="/data/tasks.db"):
    app = Starlette(
        routes=[
            Route("/", pages.Tasks, name="tasks"),
            Mount(
                "/api",
                name="api",
                routes=[Route("/tasks", api.Tasks, name="tasks"), Route("/tasks/{number:int}", api.Task, name="task")],
            ),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static"),
        ],
        exception_handlers={HTTPException: show_error},
        lifespan=lifespan,
    )
    app.state.database = path
    return app


app = create_app()
