"""`mirage projects`."""

from typing import Annotated

import typer

from mirage.cli.client import ApiKey, Url, connect, project_path
from mirage.cli.output import Json, print_json, print_table, stderr_console, stdout_console

app = typer.Typer(help="Manage projects (collections of documents).", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the project.")]
Project = Annotated[str, typer.Argument(help="Name or id of the project.")]
NewName = Annotated[str, typer.Argument(help="New name of the project.")]


@app.command("list")
def list_projects(url: Url = None, api_key: ApiKey = None, as_json: Json = False) -> None:
    """List all projects."""
    with connect(url, api_key) as client:
        found = client.get("/projects")["projects"]
    if as_json:
        print_json(found)
        return
    rows = ((item["name"], item["id"], item["created_at"][:19]) for item in found)
    print_table(("name", "id", "created"), rows)


@app.command()
def create(name: Name, url: Url = None, api_key: ApiKey = None, as_json: Json = False) -> None:
    """Create a project."""
    with connect(url, api_key) as client:
        made = client.post("/projects", {"name": name})
    if as_json:
        print_json(made)
    else:
        stdout_console.print(f"{made['name']}  {made['id']}")


@app.command()
def rename(
    project: Project, name: NewName, url: Url = None, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Rename a project."""
    with connect(url, api_key) as client:
        renamed = client.patch(project_path(project), {"name": name})
    if as_json:
        print_json(renamed)
    else:
        stdout_console.print(f"{renamed['name']}  {renamed['id']}")


@app.command()
def remove(
    project: Project,
    yes: bool = typer.Option(False, "--yes", help="Do not ask for confirmation."),
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Delete a project and all its documents."""
    if not yes:
        typer.confirm(f"Delete {project!r} and all its documents?", abort=True, err=True)
    with connect(url, api_key) as client:
        found = client.get(project_path(project))
        client.delete(project_path(found["id"]))
    stderr_console.print(f"deleted {found['name']}")
    if as_json:
        print_json(found)
