"""Each symptom of the page is made by a test, and quotes what the program says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
SYMPTOMS = re.findall(
    r"^\*\*((?:(?!\n\n).)+?)\*\*(?:(?!^\*\*).)*?<!-- (\S+)::(\S+) -->",
    PAGE,
    re.MULTILINE | re.DOTALL,
)
SOURCES = [
    path.read_text()
    for pattern in ("mirage/**/*.py", "charts/mirage/templates/**/*")
    for path in ROOT.glob(pattern)
    if path.is_file()
]
FROM_ELSEWHERE = {"another operation (install/upgrade/rollback) is in progress", "helm install"}


@pytest.mark.parametrize(("symptom", "file", "test"), SYMPTOMS)
def test_symptom_is_made_by_a_test(symptom: str, file: str, test: str) -> None:
    assert f"def {test}(" in (ROOT / file).read_text()


def test_every_symptom_names_its_test() -> None:
    assert len(SYMPTOMS) == len(re.findall(r"^\*\*", PAGE, re.MULTILINE))


@pytest.mark.parametrize(
    "quoted", sorted(set(re.findall(r"`([^`]+)`", " ".join(s for s, _, _ in SYMPTOMS))))
)
def test_sentence_is_what_the_program_says(quoted: str) -> None:
    if quoted in FROM_ELSEWHERE:
        return
    # A source breaks sentences over lines, and writes variables for numbers and names.
    words = [word for word in re.split(r"[\s\d]+", quoted) if word]
    pattern = r"[^a-zA-Z]*(?:\{\S+\}|\$\w+)?[^a-zA-Z]*".join(map(re.escape, words))
    assert any(re.search(pattern, source) for source in SOURCES), quoted
