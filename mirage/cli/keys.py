"""`mirage keys`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from mirage.cli.client import ApiKey, Url, connect
from mirage.cli.output import Json, print_json, print_table, stderr_console, stdout_console
from mirage.cli.references import find_keys
from mirage.model import Scope

app = typer.Typer(
    help="Manage API keys (in addition to the one in MIRAGE_API_KEY).", no_args_is_help=True
)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the key, to recognise it later.")],
    scope: Annotated[Scope, typer.Option(help="What the key may do.")] = Scope.READ,
    project: Annotated[
        list[str] | None,
        typer.Option("--project", "-p", help="Limit the key to this project; repeatable."),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=36_500, help="Days until the key expires.", show_default="never"),
    ] = None,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Create a key and print its token, which cannot be shown again."""
    expires_at = (datetime.now(UTC) + timedelta(days=days)).isoformat() if days else None
    body = {"name": name, "scope": scope, "projects": project or None, "expires_at": expires_at}
    with connect(url, api_key) as client:
        made = client.post("/keys", body)
    if as_json:
        print_json(made)
        return
    stdout_console.print(made["token"], soft_wrap=True)
    stderr_console.print("Save this token now: it is not stored and cannot be shown again.")


@app.command("list")
def list_keys(url: Url = None, api_key: ApiKey = None, as_json: Json = False) -> None:
    """List all keys, without their tokens."""
    with connect(url, api_key) as client:
        found = client.get("/keys")["keys"]
        names = {item["id"]: item["name"] for item in client.get("/projects")["projects"]}
    if as_json:
        print_json(found)
        return
    rows = (
        (
            key["name"],
            key["scope"],
            _names(key["project_ids"], names),
            (key["expires_at"] or "never")[:19],
            (key["last_used_at"] or "never")[:19],
            key["id"],
        )
        for key in found
    )
    print_table(("name", "scope", "projects", "expires", "last used", "id"), rows)


@app.command()
def revoke(
    keys: Annotated[list[str], typer.Argument(help="Names or ids of the keys.")],
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Revoke keys at once. If one of them does not exist, nothing is revoked."""
    revoked = []
    with connect(url, api_key) as client:
        found = {key["id"]: key for key in find_keys(client, keys)}
        try:
            for key in found.values():
                client.delete(f"/keys/{key['id']}")
                revoked.append(key)
                stderr_console.print(f"revoked {key['name']}")
        finally:
            if as_json:
                print_json(revoked)


def _names(project_ids: list[str] | None, names: dict[str, str]) -> str:
    if project_ids is None:
        return "all"
    return ", ".join(names.get(item, "(deleted)") for item in project_ids)
