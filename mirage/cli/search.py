"""`mirage search`."""

from bisect import bisect_right
from collections import Counter
from textwrap import fill, indent
from typing import Annotated, Any

import typer
from rich.text import Text

from mirage.cli.client import ApiKey, Client, Project, Url, connect, project_path
from mirage.cli.output import Json, print_json, printable, stderr_console, stdout_console
from mirage.cli.references import explain_nothing_found
from mirage.languages import find_language
from mirage.model import SearchMode, is_blank

_INDENT = "   "
_READABLE = 100


def search(
    query: Annotated[str, typer.Argument(help="Question or words to search for.")],
    project: Project,
    mode: Annotated[SearchMode, typer.Option(help="Search by meaning, by words, or by both.")] = (
        SearchMode.HYBRID
    ),
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of passages.")] = 5,
    threshold: Annotated[
        float | None, typer.Option(min=-1, max=1, help="Minimum cosine similarity of a passage.")
    ] = None,
    document: Annotated[
        list[str] | None,
        typer.Option(
            help="Search only this document (name or id), folder (pumps/) or pattern (p0*);"
            " repeatable."
        ),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(
            help="Search only documents in this language, such as en or German; repeatable."
        ),
    ] = None,
    section: Annotated[
        list[str] | None,
        typer.Option(help="Search only under this heading; repeat for subheadings."),
    ] = None,
    context: Annotated[
        int, typer.Option(min=0, max=2000, help="Tokens of surrounding text to add to a passage.")
    ] = 0,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="Maximum tokens of the whole answer.")
    ] = None,
    per_document: Annotated[
        int | None,
        typer.Option(min=1, max=100, help="Maximum number of passages of one document."),
    ] = None,
    fold_duplicates: Annotated[
        bool,
        typer.Option(
            "--fold-duplicates",
            help="Show passages with nearly the same text once, with all names.",
        ),
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show ranks and scores of each passage.")
    ] = False,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Find passages, each with its document and its page or section."""
    if is_blank(query):
        raise typer.BadParameter("the query is blank; is a shell variable unset?")
    body = {
        "query": query,
        "mode": mode.value,
        "limit": limit,
        "threshold": threshold,
        "filters": {
            "documents": document or [],
            "languages": [_language_code(given) for given in language or []],
            "section": section or [],
        },
        "context": context,
        "max_tokens": max_tokens,
        "per_document": per_document,
        "fold_duplicates": fold_duplicates,
        "explain": explain,
    }
    with connect(url, api_key) as client:
        answer = client.post(project_path(project, "search"), body)
        if not answer["passages"]:
            _explain_nothing(client, project, document or [])
    if as_json:
        print_json(answer)
        return
    if answer["degraded"]:
        stderr_console.print(f"degraded: {answer['degraded']}", style="yellow")
    for rank, passage in enumerate(answer["passages"], 1):
        stdout_console.print(Text.assemble((f"{rank}. {citation(passage)}", "bold")))
        folded = fill(
            " ".join([*_columns(passage), *passage["text"].split()]),
            min(stdout_console.width, _READABLE) - len(_INDENT),
            break_long_words=stdout_console.is_terminal,
            break_on_hyphens=False,
        )
        if explain:
            stderr_console.print(_INDENT + _explain(passage["explain"]), style="dim")
        stdout_console.print(indent(folded, _INDENT))
        for duplicate in passage["duplicates"]:
            stdout_console.print(f"{_INDENT}also in {duplicate['document']['name']}")
        stdout_console.print()
    if not answer["passages"]:
        stderr_console.print("nothing found")
    if explain:
        stderr_console.print(_explain_answer(answer["explain"]), style="dim")


def _language_code(given: str) -> str:
    if (code := find_language(given)) is None:
        raise typer.BadParameter(
            f"{given!r} is no language of ISO 639-1; give a code or an English name, such as"
            " en, de, ru or Chinese",
            param_hint="--language",
        )
    return code


def _explain_nothing(client: Client, project: str, documents: list[str]) -> None:
    for sentence in explain_nothing_found(client, project, documents) if documents else ():
        stderr_console.print(printable(sentence), style="yellow", soft_wrap=True)


def _explain_answer(found: dict[str, Any]) -> str:
    vectors = {"exact": "all compared", "index": "by their index", None: "not used"}
    times = ", ".join(f"{stage} {value:.1f} ms" for stage, value in found["milliseconds"].items())
    return f"vectors: {vectors.get(found['vectors'], found['vectors'])}; time: {times}"


def _explain(found: dict[str, Any]) -> str:
    legs = [
        f"{leg} rank {found[f'{leg}_rank']}, score {found[f'{leg}_score']:.4f}"
        for leg in ("dense", "lexical")
        if found[f"{leg}_rank"]
    ]
    return "; ".join(legs)


def citation(passage: dict[str, Any]) -> str:
    """Return `handbook.pdf, page 12 (xii), Lamps > Oil  [score 0.3281, similarity 0.61]`.

    The section is the one with most of the words that were found. A passage that probably does not
    answer is called weak.
    """
    where = [passage["document"]["name"]]
    section = _cited_section(passage)
    number, label, last = passage["page_number"], passage["page_label"], passage["last_page_number"]
    if section["page_number"] is not None and passage["matches"]:
        number = last = section["page_number"]
        label = section["page_label"]
    if number is not None:
        pages = f"pages {number}-{last}" if last not in (None, number) else f"page {number}"
        where.append(f"{pages} ({label})" if label not in (None, str(number)) else pages)
    elif label is not None:
        where.append(f"page {label}")
    elif section["line"] is not None:
        where.append(f"line {section['line']}")
    if section["heading_path"]:
        where.append(" > ".join(section["heading_path"]))
    scores = f"score {passage['score']:.4f}"
    if passage["similarity"] is not None:
        scores += f", similarity {passage['similarity']:.2f}"
    if passage["weak"]:
        scores += ", weak"
    return f"{', '.join(where)}  [{scores}]"


def _columns(passage: dict[str, Any]) -> list[str]:
    """Return the names of the columns if the passage begins within a table."""
    header = passage["table_header"] or ""
    names = [name.strip() for name in header.replace("|", "\t").split("\t") if name.strip()]
    return [f"[{' | '.join(names)}]"] if names else []


def _cited_section(passage: dict[str, Any]) -> dict[str, Any]:
    """Return the section of the passage with the most matches, else the first one."""
    sections: list[dict[str, Any]] = passage["sections"]
    starts = [section["start"] for section in sections]
    found = Counter(
        max(bisect_right(starts, passage["start"] + match["start"]) - 1, 0)
        for match in passage["matches"]
    )
    best = max(range(len(sections)), key=lambda at: (found[at], -at))
    return sections[best]
