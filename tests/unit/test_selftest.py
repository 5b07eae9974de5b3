"""`mirage test` against an API that answers at once."""

import re
from pathlib import Path
from typing import Any

from mirage.cli import selftest
from mirage.cli.client import ApiRefused


class _Api:
    """Finds whatever was uploaded and not deleted, in that order."""

    def __init__(self) -> None:
        self.documents: list[str] = []
        self.searches = 0

    def post(self, path: str, body: Any) -> Any:
        if not path.endswith("search"):
            return {}
        self.searches += 1
        return {"passages": [{"document": {"id": one}} for one in self.documents]}

    def upload(self, path: str, file: Path, name: str) -> Any:
        self.documents.append(name)
        return {"id": name}

    def get(self, path: str) -> Any:
        name = path.rpartition("/")[2]
        if name not in self.documents:
            raise ApiRefused("gone", "", "document-not-found")
        return {"name": name, "status": "ready"}

    def delete(self, path: str) -> None:
        name = path.rpartition("/")[2]
        self.documents = [one for one in self.documents if one != name]


def test_median_of_three_searches_is_said() -> None:
    api, said = _Api(), list[str]()
    selftest.run(api, deadline_seconds=10, say=said.append)  # type: ignore[arg-type]
    assert re.fullmatch(r"a search takes \d+ ms \(median of 3\)", said[3])
    assert said[-1] == "all is well"
    assert api.searches == 3 + 1  # The last one looks for the deleted document.
