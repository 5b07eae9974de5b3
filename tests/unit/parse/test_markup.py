import pytest

from mirage.errors import Damaged
from mirage.parse.markup import parse_markup
from mirage.parse.xhtml import read_flow


def text_of(body: str, prologue: str = "") -> str:
    return read_flow(parse_markup(f"{prologue}<html><body>{body}</body></html>".encode())).text


def test_broken_markup_loses_no_text() -> None:
    assert text_of("<p>One <b>two<p>three & four</i> <q>five").split() == (
        ["One", "two", "three", "&", "four", "five"]
    )


def test_entity_expansion_comes_to_nothing() -> None:
    prologue = (
        '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">'
        '<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    )
    assert text_of("<p>&b;|&x;</p>", prologue) == "&b;|&x;"


@pytest.mark.parametrize(
    "content",
    [
        '<?xml version="1.0" encoding="windows-1251"?><p>Привет</p>'.encode("cp1251"),
        "<p>Привет</p>".encode("utf-16"),
        "\ufeff<p>Привет</p>".encode(),
        '<p>При<?xml version="1.0" encoding="ascii"?>вет</p>'.encode(),
        b"\n<p>\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\x00</p>",
    ],
)
def test_encoding_of_markup_is_heeded(content: bytes) -> None:
    assert read_flow(parse_markup(content)).text == "Привет"


def test_markup_too_deep_to_be_read_is_damaged_instead_of_empty() -> None:
    with pytest.raises(Damaged):
        text_of("<div>" * 3000 + "deep" + "</div>" * 3000)


@pytest.mark.timeout(20)
def test_document_types_without_end_take_no_time() -> None:
    with pytest.raises(Damaged):
        parse_markup(b"<!DOCTYPE x [" * 200_000)


@pytest.mark.parametrize("content", [b"", b"   ", b"<!DOCTYPE html>"])
def test_markup_without_an_element_is_damaged(content: bytes) -> None:
    with pytest.raises(Damaged):
        parse_markup(content)
