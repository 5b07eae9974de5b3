"""`mirage generations`."""

from typing import Annotated, Any

import typer

from mirage.cli.client import ApiKey, Url, connect
from mirage.cli.output import Json, print_json, print_table, stderr_console, stdout_console

app = typer.Typer(
    help="Manage generations (versions of the index, one per model and chunk size).",
    no_args_is_help=True,
)


GenerationId = Annotated[int, typer.Argument(help="Id of the generation; see the list.")]


@app.command("list")
def list_generations(url: Url = None, api_key: ApiKey = None, as_json: Json = False) -> None:
    """List the generations and their progress."""
    with connect(url, api_key) as client:
        found = client.get("/generations")["generations"]
    if as_json:
        print_json(found)
        return
    header = ("id", "state", "model", "chunks", "documents", "passages", "created")
    print_table(header, map(_cells, found))


@app.command()
def build(url: Url = None, api_key: ApiKey = None, as_json: Json = False) -> None:
    """Build the generation of the API's present settings in the background."""
    with connect(url, api_key) as client:
        begun = client.post("/generations", None)
    _show(begun, as_json=as_json)


@app.command()
def activate(
    generation: GenerationId, url: Url = None, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Use a complete generation for searches; stops a build in progress."""
    with connect(url, api_key) as client:
        found = client.post(f"/generations/{generation}/activate", None)
    _show(found, as_json=as_json)


@app.command()
def drop(
    generation: GenerationId,
    yes: bool = typer.Option(False, "--yes", help="Do not ask for confirmation."),
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Delete the vectors of a generation that is not in use."""
    if not yes:
        typer.confirm(f"Drop generation {generation}?", abort=True, err=True)
    with connect(url, api_key) as client:
        client.delete(f"/generations/{generation}")
    if as_json:
        print_json({"id": generation, "state": "dropping"})
    stderr_console.print(f"generation {generation} is dropped; the indexer frees its space")


def _show(generation: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(generation)
        return
    identity, state, model, chunks, documents, _, _ = _cells(generation)
    stdout_console.print(
        f"generation {identity} is {state}: {model}, chunks of {chunks} tokens,"
        f" {documents} documents"
    )


def _cells(generation: dict[str, Any]) -> list[str]:
    total = generation["documents_total"]
    return [
        str(generation["id"]),
        generation["state"],
        f"{generation['model']} ({generation['digest'][:12]})",
        f"{generation['chunk_size']}/{generation['chunk_overlap']}",
        f"{total - generation['documents_missing']} of {total}",
        f"{generation['chunks_ready']} of {generation['chunks_total']}",
        generation["created_at"][:19],
    ]
