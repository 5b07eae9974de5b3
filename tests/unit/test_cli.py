"""What the command line makes of odd files and odd answers."""

import asyncio
import io
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import typer
from typer.testing import CliRunner

from mirage.api.http.examples import EXAMPLES
from mirage.cli import app, roles, waiting
from mirage.cli.client import ApiRefused, Client, FileExists, FileRefused, connect, project_path
from mirage.cli.documents import NothingToAdd, add, remove
from mirage.cli.references import explain_nothing_found, find_documents
from mirage.cli.search import _explain_answer, _language_code
from mirage.cli.showing import print_details, print_documents
from mirage.cli.skipped import Skipped
from mirage.cli.uploading import Upload, interruptible_wait
from mirage.cli.waiting import wait_for
from mirage.close_names import suggestion
from mirage.errors import ConfigError, DocumentNotFound, InvalidName
from tests.cost import assert_proportional


def _client(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client(httpx.Client(transport=httpx.MockTransport(answer), base_url="http://test"))


def _document(name: str, status: str) -> dict[str, Any]:
    return {"id": name, "name": name, "status": status, "waiting_for": None,
            "chunks_ready": 0, "chunks_total": 0}  # fmt: skip


def test_progress_is_written_where_no_bar_can_be_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "_SAY_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(waiting, "_POLL_SECONDS", 0.0)
    ready = _document("a", "ready") | {"chunks_ready": 4, "chunks_total": 4}
    answers = iter([_document("b", "parsing"), _document("b", "embedding") | {"chunks_total": 6},
                    _document("b", "ready")])  # fmt: skip
    client = _client(lambda request: httpx.Response(200, json=next(answers)))
    wait_for(client, "shelf", [ready, _document("b", "pending")])
    assert capsys.readouterr().err.splitlines() == [
        "indexed 1 of 2 documents; 4 of 4 passages embedded",
        "indexed 1 of 2 documents; 4 of 10 passages embedded",
        "indexed 2 of 2 documents; 4 of 4 passages embedded",
    ]


def test_document_that_was_replaced_is_no_longer_waited_for() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/old"):
            problem = {"type": "urn:mirage:problem:document-not-found", "detail": "", "remedy": ""}
            return httpx.Response(404, json=problem)
        return httpx.Response(200, json=_document("new", "ready"))

    added = [_document("old", "pending"), _document("new", "pending")]
    assert wait_for(_client(answer), "shelf", added) == [_document("new", "ready")]


@pytest.mark.slow
def test_many_documents_are_not_asked_for_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # The rounds are scripted, so nothing happens in the pauses between them.
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    names = [str(number) for number in range(1000)]
    rounds = iter([names, names[:1], []])
    asked: list[str] = []
    still_open: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal still_open
        name = request.url.path.rpartition("/")[2]
        if name != "documents":
            asked.append(name)
            return httpx.Response(200, json=_document(name, "ready"))
        status = request.url.params["status"]
        if status == "pending":
            still_open = next(rounds)
        found = [_document(name, status) for name in still_open] if status == "embedding" else []
        return httpx.Response(200, json={"documents": found, "next_cursor": None})

    done = wait_for(_client(answer), "shelf", [_document(name, "pending") for name in names])
    assert [document["status"] for document in done] == ["ready"] * 1000
    assert sorted(asked) == sorted(names)


def test_warning_of_many_documents_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    documents = [
        _document(name, "ready") | {"error": None, "warnings": ["for all", *own]}
        for name, own in (("a", []), ("b", ["its own"]))
    ]
    print_documents(documents, as_json=False)
    said = capsys.readouterr().err.splitlines()
    assert [line.strip() for line in said] == ["its own", "2 documents: for all"]


class _Shelf:
    """An API with documents, whose answer to an upload a test can choose by the file's name."""

    def __init__(self, *there: dict[str, Any]) -> None:
        self.there = list(there)
        self.answers: dict[str, httpx.Response | BaseException] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"documents": self.there, "next_cursor": None})
        name = request.read().decode().partition('filename="')[2].partition('"')[0]
        answer = self.answers.get(name, httpx.Response(202, json=_document(name, "pending")))
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def upload(self, folder: Path, *names: str) -> Upload:
        upload = Upload(_client(self), "shelf")
        for name in names:
            (folder / name).touch()
        upload.send([(folder / name, name) for name in names])
        return upload


def test_details_of_a_document_are_read_by_people(capsys: pytest.CaptureFixture[str]) -> None:
    print_details(EXAMPLES["Document"] | {"gaps": [[3, 9]], "warnings": ["one", "two"]})
    said = [line.strip() for line in capsys.readouterr().out.splitlines()]
    for line in (
        "size  1,482,113 bytes",
        "created  2026-03-01 09:31:12 UTC",
        "language  English (en)",
        "passages  96 of 341",
        "warning  one",
        "warning  two",
        "index  incomplete: characters 3-9 are missing; remove the document and add it again",
    ):
        assert line in said
    assert not re.search(r"[\[\]{}']", "\n".join(said))


def test_explanation_of_a_search_is_read_by_people() -> None:
    explanation = EXAMPLES["SearchResponse"]["explain"]
    times = "time: embed 14.2 ms, plan 2.6 ms, database 3.1 ms, context 1.4 ms"
    assert _explain_answer(explanation) == f"vectors: all compared; {times}"
    assert _explain_answer(explanation | {"vectors": None}) == f"vectors: not used; {times}"


def test_file_with_the_content_of_another_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = _Shelf()
    shelf.answers["s2.md"] = httpx.Response(200, json=_document("s1.md", "ready"))
    upload = shelf.upload(tmp_path, "s1.md", "s2.md")
    assert list(upload.added) == ["s1.md"]
    said = capsys.readouterr().err
    assert said == (
        "s2.md has the same content as the existing document s1.md; to rename that document:"
        " mirage documents rename -p shelf -- s1.md s2.md\n"
    )
    assert upload.summary(Skipped()) == "1 added, 1 unchanged"


def test_summary_counts_what_became_of_each_file(tmp_path: Path) -> None:
    shelf = _Shelf(
        _document("same.md", "ready"),
        _document("old-id", "ready") | {"name": "newer.md"},
        _document("failed.md", "failed"),
    )
    problem = {"type": "urn:mirage:problem:empty-file", "detail": "", "remedy": ""}
    shelf.answers["empty.md"] = httpx.Response(422, json=problem)
    names = ("new.md", "same.md", "newer.md", "failed.md", "empty.md")
    upload = shelf.upload(tmp_path, *names)
    skipped = Skipped()
    skipped.add_unsupported(Path("a.xyz"))
    assert upload.summary(skipped) == (
        "2 added, 1 unchanged, 1 replaced, 1 refused, 1 skipped (unsupported: .xyz 1)"
    )
    assert upload.counts["refused"] == 1


def test_interrupt_says_what_was_uploaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = _Shelf()
    shelf.answers["b.md"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        shelf.upload(tmp_path, "a.md", "b.md", "c.md")
    assert capsys.readouterr().err.startswith("interrupted: 1 of 3 files are uploaded and will be")


def test_interrupt_while_waiting_says_that_indexing_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(KeyboardInterrupt), interruptible_wait("my shelf"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == (
        "interrupted: all files are uploaded, and indexing goes on in the background;"
        " for the progress: mirage documents list --project 'my shelf'\n"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("search x -p shelf --language xx", "'xx' is no language of ISO 639-1"),
        ("search x -p shelf --mode x", "'hybrid', 'dense', 'lexical'"),
        ("documents list -p shelf --status x", "'pending', 'parsing', 'embedding', 'ready'"),
        ("keys create x --scope x", "'read', 'write', 'admin'"),
    ],
)
def test_wrong_choice_names_the_right_ones(line: str, said: str) -> None:
    answer = CliRunner().invoke(app, line.split(), env={"TERMINAL_WIDTH": "200"})
    assert answer.exit_code == 2
    assert said in " ".join(answer.output.replace("│", " ").split())


@pytest.mark.parametrize("given", ["de", "DE-at", "german", " German "])
def test_language_is_a_code_or_a_name(given: str) -> None:
    assert _language_code(given) == "de"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("names", "yes", "answer", "deleted"),
    [
        (["a.md", "b.md"], False, "n\n", []),
        (["a.md", "b.md"], False, "y\n", ["a.md", "b.md"]),
        (["a.md", "b.md"], True, "", ["a.md", "b.md"]),
        (["a.md", "b.md"], False, None, ["a.md", "b.md"]),
        (["a.md"], False, "", ["a.md"]),
    ],
)
def test_removal_of_several_documents_is_confirmed_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, names: list[str], yes: bool, answer: str | None,
    deleted: list[str],
) -> None:  # fmt: skip
    gone: list[str] = []

    def api(request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            gone.append(request.url.path.rpartition("/")[2])
            return httpx.Response(204)
        documents = [_document(name, "ready") for name in ("a.md", "b.md", "c.md")]
        return httpx.Response(200, json={"documents": documents, "next_cursor": None})

    monkeypatch.setattr("mirage.cli.documents.connect", lambda *_: nullcontext(_client(api)))
    monkeypatch.setattr("sys.stdin", io.StringIO() if answer is None else _Terminal(answer))
    with pytest.raises(typer.Abort) if not deleted else nullcontext():
        remove(names, "shelf", yes=yes)
    assert gone == deleted


def test_name_means_all_its_versions_and_an_id_one() -> None:
    ids = [str(UUID(int=number)) for number in range(3)]
    names = ["a.md", "None", "a.md"]
    documents = [
        _document(name, "ready") | {"id": identity}
        for identity, name in zip(ids, names, strict=True)
    ]
    client = _client(
        lambda request: httpx.Response(200, json={"documents": documents, "next_cursor": None})
    )
    found = find_documents(client, "shelf", ["a.md", ids[1].upper()])
    assert [[document["id"] for document in versions] for versions in found] == [
        [ids[0], ids[2]],
        [ids[1]],
    ]


def test_folders_and_patterns_mean_all_documents_in_them() -> None:
    names = ["books/a.md", "books/old/b.md", "bookshelf.md", "c.md", "c.md", "*.md"]
    shelf = _Shelf(*({"id": str(uuid4()), "name": name} for name in names))

    def find(*references: str, folders: bool = True) -> list[list[str]]:
        found = find_documents(_client(shelf), "shelf", list(references), folders=folders)
        return [[document["name"] for document in documents] for documents in found]

    assert find("books/", "c*") == [["books/a.md", "books/old/b.md"], ["c.md", "c.md"]]
    assert find("*.md") == [["*.md"]]  # A document of this very name.
    assert find("b*s/?.md") == [["books/a.md"]]
    for reference in ("book/", "x*", "c.m"):
        with pytest.raises(DocumentNotFound):
            find(reference)
    with pytest.raises(DocumentNotFound):
        find("books/", folders=False)


_NAMES = ["books/Handbook.pdf", "handbuch.pdf", "notes.md", "a[1].md"]


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("handbok.pdf", "; similar: books/Handbook.pdf, handbuch.pdf"),
        ("HANDBOOK", "; similar: books/Handbook.pdf"),
        ("notes", "; similar: notes.md"),
        ("book/*", ""),
        ("?.pdf", ""),
        ("quite another", ""),
    ],
)
def test_search_in_a_document_that_is_missing_names_similar_ones(reference: str, said: str) -> None:
    shelf = _Shelf(*(_document(name, "ready") for name in _NAMES))
    found = explain_nothing_found(_client(shelf), "shelf", [reference, "notes.md"])
    assert found == [f"project 'shelf' has no document '{reference}'{said}"]


def test_document_named_none_is_found_only_by_its_name() -> None:
    shelf = _Shelf(_document("None", "ready"))
    assert explain_nothing_found(_client(shelf), "shelf", ["None"]) == []
    assert explain_nothing_found(_client(shelf), "shelf", ["other"]) == [
        "project 'shelf' has no document 'other'"
    ]


@pytest.mark.parametrize("reference", ["notes.md", "books/", "*.pdf", "a[1]*", "no?es.md"])
def test_search_in_a_document_that_is_there_needs_no_explanation(reference: str) -> None:
    shelf = _Shelf(*(_document(name, "ready") for name in _NAMES))
    assert explain_nothing_found(_client(shelf), "shelf", [reference]) == []


def test_search_in_a_document_that_waits_says_so() -> None:
    shelf = _Shelf(_document("a.md", "failed"), _document("b.md", "parsing"))
    assert explain_nothing_found(_client(shelf), "shelf", ["?.md"]) == [
        "?.md is not searchable: failed, parsing"
    ]


def test_similar_names_of_a_large_project_take_time_in_proportion() -> None:
    def work(size: int) -> None:
        suggestion("x" * 4000, (f"{number}{'x' * 4000}.md" for number in range(size)))

    assert_proportional(work, 400)


def test_answer_that_is_not_json_is_said_in_a_sentence() -> None:
    client = _client(lambda request: httpx.Response(200, text="<html>"))
    with pytest.raises(ApiRefused, match="answered 200 OK, not in JSON"):
        client.get("/projects")


def test_file_whose_name_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    client = _client(lambda request: httpx.Response(200))
    with pytest.raises(FileRefused, match="is not valid UTF-8"):
        client.upload("/x", tmp_path, "\udcff.md")


def test_file_whose_name_would_change_on_the_way_is_refused(tmp_path: Path) -> None:
    client = _client(lambda request: httpx.Response(200))
    with pytest.raises(InvalidName, match="control"):
        client.upload("/x", tmp_path, "a\tb.md")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    client = _client(lambda request: httpx.Response(200))
    with pytest.raises(FileRefused, match="is not a file"):
        client.upload("/x", Path("/dev/zero"), "zero.txt")


def test_folder_without_documents_is_said(tmp_path: Path) -> None:
    with pytest.raises(NothingToAdd, match="no supported file in"):
        add([str(tmp_path)], "shelf")


@pytest.mark.parametrize("query", ["", " \t\n", "\x01\u200b"])
def test_blank_query_is_a_wrong_command_line(query: str) -> None:
    answer = CliRunner().invoke(app, ["search", query, "--project", "shelf"])
    assert answer.exit_code == 2
    assert "the query is blank" in answer.output


@pytest.mark.parametrize("project", ["", ".", "..", "a/b"])
def test_project_that_no_path_can_name_is_refused(project: str) -> None:
    with pytest.raises(typer.BadParameter, match="cannot be a project's name"):
        project_path(project)


def test_line_end_of_a_key_does_not_count() -> None:
    with connect("http://test", "secret\n") as client:
        assert client.http.headers["X-API-Key"] == "secret"


def test_key_with_control_characters_is_refused() -> None:
    with pytest.raises(ConfigError, match="control characters"), connect("http://test", "a\nb"):
        pass


def test_download_is_whole_or_not_at_all(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/whole"):
            return httpx.Response(200, content=b"text")
        problem = {"type": "urn:mirage:problem:document-not-found", "detail": "gone", "remedy": ""}
        return httpx.Response(404, json=problem)

    client = _client(answer)
    target = tmp_path / "a.txt"
    with pytest.raises(ApiRefused, match="gone"):
        client.download("/missing", target)
    assert list(tmp_path.iterdir()) == []
    assert client.download("/whole", target) == 4
    assert target.read_bytes() == b"text"
    assert list(tmp_path.iterdir()) == [target]


def test_download_overwrites_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"

    def answer(request: httpx.Request) -> httpx.Response:
        target.symlink_to("nowhere")  # It comes while the file is under way.
        return httpx.Response(200, content=b"text")

    client = _client(answer)
    for _ in range(2):
        with pytest.raises(FileExists, match="already exists"):
            client.download("/whole", target)
        assert [path.is_symlink() for path in tmp_path.iterdir()] == [True]


def test_role_that_nobody_stopped_does_not_end_well() -> None:
    async def lost() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        roles._run(lost())
