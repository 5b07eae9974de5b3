"""`mirage test`: tests an installation from outside, using only its API.

The question shares no significant word with the document that answers it, but several with the
decoy: only vector search ranks the right document first.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import uuid4

from mirage.cli.client import ApiRefused, Client, project_path
from mirage.errors import MirageError

ANSWER = """# The keeper's log

At dusk the warden climbed the tower and lit the great lamp, so that vessels out on the dark water
would keep away from the rocks. When fog hid the beam, a horn was sounded every two minutes until
morning.
"""
DECOY = """# The sailor's kitchen

To warn of danger is not what a recipe is for, but sailors know: a coastal soup burns quickly. How
sailors like it best: coastal herbs, a spoon of cream, and bread that was baked the same day.
"""
QUESTION = "How were sailors warned of coastal danger at night?"

_POLL_SECONDS = 0.5
_SEARCHES = 3


class SelfTestFailed(MirageError):
    """Request `/health` of the API with the key, and read the logs of API and indexer."""

    code = "self-test-failed"


def run(client: Client, *, deadline_seconds: float, say: Callable[[str], None]) -> None:
    """Run the test. Raises SelfTestFailed with the step that failed."""
    deadline = time.monotonic() + deadline_seconds
    project = f"self-test-{uuid4().hex[:12]}"
    client.post("/projects", {"name": project})
    try:
        with TemporaryDirectory() as folder:
            answer = _upload(client, project, Path(folder), "lighthouse.md", ANSWER)
            decoy = _upload(client, project, Path(folder), "soup.md", DECOY)
        say("uploaded a document and a decoy")
        for document in (answer, decoy):
            _await_ready(client, project, document, deadline)
        say("indexed both")
        seconds = []
        for _ in range(_SEARCHES):
            begun = time.perf_counter()
            found = _search(client, project)
            seconds.append(time.perf_counter() - begun)
        if not found or found[0] != answer:
            raise SelfTestFailed(f"the paraphrase found {found}; {answer} must come first")
        say("the paraphrase finds the document before the decoy")
        say(f"a search takes {1000 * median(seconds):.0f} ms (median of {_SEARCHES})")
        client.delete(project_path(project, "documents", answer))
        if answer in _search(client, project):
            raise SelfTestFailed("a search still finds a deleted document")
        _require_gone(client, project, answer)
        say("deleted documents are no longer found")
    finally:
        client.delete(project_path(project))
    say("all is well")


def _upload(client: Client, project: str, folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    return str(client.upload(project_path(project, "documents"), path, name)["id"])


def _await_ready(client: Client, project: str, document: str, deadline: float) -> None:
    while True:
        found = client.get(project_path(project, "documents", document))
        if found["status"] == "ready":
            return
        if found["status"] == "failed":
            raise SelfTestFailed(f"{found['name']} failed: {found['error']}")
        if time.monotonic() > deadline:
            reason = found["waiting_for"] or "reason unknown"
            raise SelfTestFailed(f"{found['name']} is still {found['status']}: {reason}")
        time.sleep(_POLL_SECONDS)


def _search(client: Client, project: str) -> list[str]:
    answer = client.post(project_path(project, "search"), {"query": QUESTION, "mode": "dense"})
    return [str(passage["document"]["id"]) for passage in answer["passages"]]


def _require_gone(client: Client, project: str, document: str) -> None:
    try:
        client.get(project_path(project, "documents", document))
    except ApiRefused as refusal:
        if refusal.problem == "document-not-found":
            return
        raise
    raise SelfTestFailed("a deleted document still exists")
