"""The tasks in HTML."""

from pathlib import Path

from starlette.endpoints import HTTPEndpoint
from starlette.responses import RedirectResponse
from starlette.templating import Jinja2Templates

from . import database

templates = Jinja2Templates(Path(__file__).parent / "templates")
# Compiled once, and not by each request.
for name in templates.env.list_templates():
    templates.env.get_template(name)


def show(request, name, context, status=200):
    return templates.TemplateResponse(request, name, context, status)


class Tasks(HTTPEndpoint):
    async def get(self, request):
        return show(request, "tasks.html", {"tasks": database.tasks(request.state.database)})

    async def post(self, request):
        async with request.form(max_files=0) as form:
            text = form.get("text")
        try:
            database.add(request.state.database, text)
        except ValueError as error:
            tasks = database.tasks(request.state.database)
            return show(request, "tasks.html", {"tasks": tasks, "error": error, "text": text}, 422)
        return RedirectResponse(request.url_for("tasks"), 303)
