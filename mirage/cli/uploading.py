"""Uploads the files of `mirage documents add`, and says what became of them."""

import shlex
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mirage.cli.client import Client, project_path
from mirage.cli.output import print_error, printable, stderr_console
from mirage.cli.paths import Named
from mirage.cli.renaming import rename_hint
from mirage.cli.skipped import Skipped
from mirage.cli.waiting import list_all, progress_bar
from mirage.errors import InvalidInput


class Upload:
    """Uploads files to a project one after the other. `added` has their documents, each once."""

    def __init__(self, client: Client, project: str) -> None:
        self.client = client
        self.project = project
        self.added: dict[str, dict[str, Any]] = {}
        self.counts: Counter[str] = Counter()
        self._before = {item["id"]: item for item in list_all(client, project)}
        self._names = {item["name"] for item in self._before.values()}

    def send(self, files: list[Named]) -> None:
        """Upload the files. A refused file does not stop the others."""
        path = project_path(self.project, "documents")
        with progress_bar() as progress, self._interruptible(len(files)):
            task = progress.add_task("uploading", total=len(files))
            for file, name in files:
                try:
                    document = self.client.upload(path, file, name)
                except InvalidInput as error:
                    self.counts["refused"] += 1
                    stderr_console.print(f"{printable(name)}:", end=" ")
                    print_error(error)
                else:
                    self._note(name, document)
                progress.advance(task)

    def summary(self, skipped: Skipped) -> str:
        """Return `12 added, 3 unchanged, 1 replaced, 2 skipped (unsupported: .xyz 2)`."""
        parts = [
            f"{self.counts[kind]:,} {kind}"
            for kind in ("added", "unchanged", "replaced", "refused")
            if self.counts[kind] or kind == "added"
        ]
        if unsupported := skipped.describe_unsupported():
            parts.append(f"{skipped.unsupported.total():,} skipped ({unsupported})")
        return ", ".join(parts)

    def _note(self, name: str, document: dict[str, Any]) -> None:
        """Count a document that the API took."""
        known = self.added.get(document["id"]) or self._before.get(document["id"])
        if known is None:
            self.counts["replaced" if document["name"] in self._names else "added"] += 1
        else:  # A failed one is indexed again.
            self.counts["added" if known["status"] == "failed" else "unchanged"] += 1
        self._names.add(document["name"])
        self.added[document["id"]] = document
        if hint := rename_hint(self.project, name, document["name"]):
            stderr_console.print(printable(hint), soft_wrap=True)

    @contextmanager
    def _interruptible(self, files: int) -> Iterator[None]:
        """Say at Ctrl-C what has been uploaded."""
        try:
            yield
        except KeyboardInterrupt:
            done = self.counts.total() - self.counts["refused"]
            _say_interrupted(
                f"{done:,} of {files:,} files are uploaded and will be indexed in the background."
                " Repeat the command to upload the others; it skips what is there."
            )
            raise


@contextmanager
def interruptible_wait(project: str) -> Iterator[None]:
    """Say at Ctrl-C that indexing goes on."""
    try:
        yield
    except KeyboardInterrupt:
        command = shlex.join(["mirage", "documents", "list", "--project", project])
        _say_interrupted(
            "all files are uploaded, and indexing goes on in the background;"
            f" for the progress: {command}"
        )
        raise


def _say_interrupted(sentence: str) -> None:
    stderr_console.print(f"interrupted: {printable(sentence)}", soft_wrap=True)
