"""The catalogues say the same things in each language, and pages use what they say."""

import re
import string
from pathlib import Path

import pytest

import mirage.web
from mirage.errors import Unreadable
from mirage.model import DocumentStatus, MediaType
from mirage.web.words import PLURALS, choose, load
from reference.errors import all_errors

FOLDER = Path(mirage.web.__file__).parent
FORMS = {"en": {"one", "other"}, "ru": {"one", "few", "many"}}
USED = re.compile(
    r"""\bt\(\s*'([a-z_]+\.[a-z0-9_-]+)'(?!\s*~)|\bsay\(\s*"([a-z_]+\.[a-z0-9_-]+)\""""
)


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_catalogues_have_the_same_entries_with_the_same_values() -> None:
    english = load("en").entries
    for language in PLURALS:
        entries = load(language).entries
        assert list(entries) == list(english), language
        for key, entry in entries.items():
            here = english[key]
            if isinstance(entry, str):
                assert isinstance(here, str), key
                assert _names(entry) == _names(here), key
            else:
                assert not isinstance(here, str), key
                assert set(entry) == FORMS[language], key
                names = _names(here["other"])
                assert _names(entry["few" if language == "ru" else "other"]) == names, key
                assert all(_names(text) <= names for text in entry.values()), key


def test_every_text_that_pages_ask_for_is_there() -> None:
    files = [*FOLDER.rglob("*.html"), *FOLDER.rglob("*.py")]
    used = {a or b for path in files for a, b in USED.findall(path.read_text())}
    assert used - set(load("en").entries) == set()
    assert len(used) > 20


def test_every_format_and_state_has_a_word() -> None:
    words = load("en")
    assert [kind for kind in MediaType if not words.has(f"formats.{kind.name.lower()}")] == []
    assert [status for status in DocumentStatus if not words.has(f"state.{status}")] == []
    final: list[type[Unreadable]] = [Unreadable, *Unreadable.__subclasses__()]
    assert [kind.code for kind in final if not words.has(f"failed.{kind.code}")] == []
    assert [kind.code for kind in final if not words.has(f"remedies.{kind.code}")] == []


def test_every_sentence_about_an_error_has_its_error() -> None:
    codes = {error.code for error in all_errors()}
    said = {key.removeprefix("errors.") for key in load("en").entries if key.startswith("errors.")}
    assert said - codes == {"title", "passing", "nothing_lost", "home", "back"}


@pytest.mark.parametrize(
    ("language", "number", "form"),
    [
        ("en", 0, "other"), ("en", 1, "one"), ("en", 2, "other"), ("en", 21, "other"),
        ("ru", 0, "many"), ("ru", 1, "one"), ("ru", 2, "few"), ("ru", 5, "many"),
        ("ru", 11, "many"), ("ru", 12, "many"), ("ru", 14, "many"), ("ru", 21, "one"),
        ("ru", 22, "few"), ("ru", 111, "many"), ("ru", 1001, "one"),
    ],
)  # fmt: skip
def test_plural_form_follows_cldr(language: str, number: int, form: str) -> None:
    assert PLURALS[language](number) == form


def test_numbers_are_grouped_as_the_language_does() -> None:
    assert load("en").say("shelves.ready", n=1234567) == "1,234,567 ready"
    assert load("ru").say("shelves.ready", n=1234567) == "1\u202f234\u202f567 готовы"


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "ru", "ru"),
        (None, "de-DE,de;q=0.9,ru;q=0.8,en;q=0.7", "ru"),
        (None, "en-GB,en;q=0.9,ru;q=0.8", "en"),
        (None, "ru-RU;q=0.1, en;q=0", "ru"),
        (None, "fr, *", "en"),
        (None, ";;;,q=,ru;q=x", "en"),
        ("ru", "en", "ru"),
        ("en", "ru", "en"),
        ("xx", "ru", "ru"),
    ],
)
def test_language_is_the_chosen_one_or_the_best_accepted(
    chosen: str | None, accepted: str, language: str
) -> None:
    assert choose(chosen, accepted) == language
