from collections.abc import Iterator
from dataclasses import MISSING, fields
from importlib import import_module
from typing import Any

import pytest

from mirage import errors
from mirage.errors import Unreadable
from mirage.model import Parsed, Section
from mirage.parse.formats import FORMATS
from mirage.parse.sandbox.frames import (
    LENGTH,
    MAX_CHARACTERS,
    MAX_ITEMS,
    decode,
    decode_parsed,
    decode_refusal,
    decode_section,
    encode_parsed,
    encode_refusal,
    encode_section,
)

SECTION = Section("Größe\n", ("Teil I", "Über"), page_number=3, page_label="iii", line=7)
PARSED = Parsed(
    (SECTION,), title="Titel", page_count=9, warnings=("Page 2 is damaged.",), language="de"
)

SECTION_FACTS: dict[str, Any] = {
    "text": "Größe\n",
    "heading_path": ["Teil I", "Über"],
    "page_number": 3,
    "page_label": "iii",
    "line": 7,
}
PARSED_FACTS: dict[str, Any] = {
    "title": "Titel",
    "page_count": 9,
    "warnings": ["Page 2 is damaged."],
    "language": "de",
}


def body(frame: bytes) -> bytes:
    assert LENGTH.unpack(frame[: LENGTH.size]) == (len(frame) - LENGTH.size,)
    return frame[LENGTH.size :]


def family(error: type[Unreadable]) -> Iterator[type[Unreadable]]:
    yield error
    for kind in error.__subclasses__():
        yield from family(kind)


@pytest.mark.parametrize("whole", [SECTION, PARSED], ids=["section", "parsed"])
def test_examples_set_every_field(whole: Section | Parsed) -> None:
    defaults = {field.name: field.default for field in fields(whole)}
    assert [
        name
        for name, default in defaults.items()
        if default is not MISSING and getattr(whole, name) == default
    ] == []


def test_section_survives_the_trip() -> None:
    assert decode(body(encode_section(SECTION))) == {"section": SECTION_FACTS}
    assert decode_section(SECTION_FACTS) == SECTION


def test_parsed_survives_the_trip() -> None:
    assert decode(body(encode_parsed(PARSED))) == {"parsed": PARSED_FACTS}
    assert decode_parsed(PARSED_FACTS, [SECTION]) == PARSED


def test_what_is_unknown_survives_the_trip() -> None:
    bare = Section("x")
    assert decode_section(decode(body(encode_section(bare)))["section"]) == bare
    facts = decode(body(encode_parsed(Parsed((bare,)))))["parsed"]
    assert decode_parsed(facts, [bare]) == Parsed((bare,))


@pytest.mark.parametrize("kind", list(family(Unreadable)), ids=lambda kind: kind.__name__)
def test_every_verdict_survives_the_trip(kind: type[Unreadable]) -> None:
    frame = decode(body(encode_refusal(kind("The file is odd."))))
    verdict = decode_refusal(frame["refused"])
    assert type(verdict) is kind
    assert str(verdict) == "The file is odd."


def test_parent_knows_every_verdict_without_importing_a_parser() -> None:
    for row in FORMATS:
        import_module(row.parser)
    assert {kind.__module__ for kind in family(Unreadable)} == {errors.__name__}


@pytest.mark.parametrize(
    "changed",
    [
        {"text": ""},
        {"text": None},
        {"text": 7},
        {"text": ["Größe"]},
        {"text": "a NUL \0"},
        {"text": "half a pair \ud800"},
        {"heading_path": None},
        {"heading_path": "Teil I"},
        {"heading_path": [7]},
        {"heading_path": [None]},
        {"heading_path": [["Teil I"]]},
        {"heading_path": {"Teil I": "Über"}},
        {"heading_path": ["x"] * 11},
        {"heading_path": ["x" * 301]},
        {"page_number": "3"},
        {"page_number": 3.0},
        {"page_number": float("nan")},
        {"page_number": True},
        {"page_number": -1},
        {"page_number": 2**31},
        {"page_label": 3},
        {"page_label": "x" * (MAX_CHARACTERS + 1)},
        {"line": 10**100},
        {"more": 1},
        {"__class__": "x"},
    ],
    ids=lambda changed: repr(changed)[:40],
)
def test_nonsense_is_not_a_section(changed: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        decode_section(SECTION_FACTS | changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"title": 7},
        {"title": "x" * (MAX_CHARACTERS + 1)},
        {"title": "a NUL \0"},
        {"page_count": -1},
        {"page_count": False},
        {"page_count": 2**31},
        {"warnings": None},
        {"warnings": "Page 2 is damaged."},
        {"warnings": [7]},
        {"warnings": ["x"] * (MAX_ITEMS + 1)},
        {"language": ["de"]},
        {"sections": []},
    ],
    ids=lambda changed: repr(changed)[:40],
)
def test_nonsense_is_not_a_document(changed: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        decode_parsed(PARSED_FACTS | changed, [SECTION])


@pytest.mark.parametrize("missing", list(SECTION_FACTS))
def test_section_without_a_field_is_refused(missing: str) -> None:
    with pytest.raises(ValueError, match="not those of Section"):
        decode_section({name: value for name, value in SECTION_FACTS.items() if name != missing})


@pytest.mark.parametrize("facts", [None, [], ["Größe", [], 3, None, 7], "text", 7])
def test_facts_that_are_not_an_object_are_refused(facts: object) -> None:
    with pytest.raises(TypeError):
        decode_section(facts)
    with pytest.raises(TypeError):
        decode_parsed(facts, [SECTION])
    with pytest.raises(TypeError):
        decode_refusal(facts)


@pytest.mark.parametrize(
    "refused",
    [
        {"kind": "MirageError", "message": "x"},
        {"kind": "ConfigError", "message": "x"},
        {"kind": "__class__", "message": "x"},
        {"kind": ["Damaged"], "message": "x"},
        {"kind": "Damaged"},
        {"kind": "Damaged", "message": 7},
        {"kind": "Damaged", "message": "a NUL \0"},
        {"kind": "Damaged", "message": "x" * (MAX_CHARACTERS + 1)},
    ],
    ids=lambda refused: repr(refused)[:50],
)
def test_nonsense_is_not_a_verdict(refused: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        decode_refusal(refused)


@pytest.mark.parametrize("frame", [b"", b"7", b"[]", b"{", b"\xff", b"[" * 200_000])
def test_body_that_is_not_an_object_is_refused(frame: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  json's own error is one
        decode(frame)
