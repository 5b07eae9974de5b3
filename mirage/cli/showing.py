"""Shows documents as text: their states, and the details of one."""

from collections import Counter
from collections.abc import Container, Iterator
from typing import Any

from mirage.cli.output import print_json, stderr_console, stdout_console
from mirage.languages import describe_language

_NAMED_GAPS = 10


def print_documents(documents: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print the state of each document, and warnings that several share once."""
    if as_json:
        print_json(documents)
        return
    warnings = Counter(sentence for document in documents for sentence in document["warnings"])
    common = {sentence: count for sentence, count in warnings.items() if count > 1}
    for document in documents:
        _print_line(document, common)
    for sentence, count in common.items():
        stderr_console.print(f"{count:,} documents: {sentence}", style="yellow")


def print_details(document: dict[str, Any]) -> None:
    """Print what is known of one document, one fact per line."""
    for label, value in _details(document):
        stdout_console.print(f"{label:>13}  {value}", soft_wrap=True)


def _details(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in document.items():
        if value in (None, [], "") or name in {"chunks_total", "gaps"}:
            continue
        if name == "warnings":
            yield from (("warning", warning) for warning in value)
        elif name == "chunks_ready":
            if total := document["chunks_total"]:
                yield "passages", f"{value:,} of {total:,}"
        elif name == "size_bytes":
            yield "size", f"{value:,} bytes"
        elif name == "language":
            yield name, f"{describe_language(value)} ({value})"
        elif name in {"created_at", "updated_at"}:
            yield name.removesuffix("_at"), f"{value[:19].replace('T', ' ')} UTC"
        else:
            yield name.replace("_", " "), str(value)
    if document.get("gaps") is not None:
        yield "index", _coverage(document["gaps"])


def _coverage(gaps: list[tuple[int, int]]) -> str:
    if not gaps:
        return "complete: every character is in a passage"
    named = ", ".join(f"{start}-{end}" for start, end in gaps[:_NAMED_GAPS])
    more = ", …" if len(gaps) > _NAMED_GAPS else ""
    return f"incomplete: characters {named}{more} are missing; remove the document and add it again"


def _print_line(document: dict[str, Any], common: Container[str]) -> None:
    """Print the state of a document, without the warnings that others share."""
    count = document["chunks_ready"]
    passages = f"{count} passage{'s' * (count != 1)}" if document["chunks_total"] else ""
    stdout_console.print(f"{document['status']:<10} {document['name']}  {passages}")
    for sentence in [document["error"], *document["warnings"]]:
        if sentence and sentence not in common:
            stderr_console.print(f"           {sentence}", style="yellow")
