"""The tasks in JSON."""

from json import JSONDecodeError

from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from . import database


class Tasks(HTTPEndpoint):
    async def get(self, request):
        return JSONResponse(database.tasks(request.state.database))

    async def post(self, request):
        body = await read(request)
        try:
            task = database.add(request.state.database, body.get("text"))
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        location = str(request.url_for("api:task", number=task["id"]))
        return JSONResponse(task, 201, {"Location": location})


class Task(HTTPEndpoint):
    async def patch(self, request):
        body = await read(request)
        if not isinstance(body.get("done"), bool):
            raise HTTPException(422, "`done` must be true or false.")
        task = database.set_done(request.state.database, request.path_params["number"], body["done"])
        return JSONResponse(task or missing())

    async def delete(self, request):
        if not database.remove(request.state.database, request.path_params["number"]):
            missing()
        return Response(status_code=204)


async def read(request):
    """The object that the body is."""
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise HTTPException(400, f"The body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise HTTPException(422, "The body must be an object.")
    return body


def missing():
    raise HTTPException(404, "There is no such task.")
