import contextlib

import pytest

from mirage.errors import Damaged
from mirage.parse.markup.reader import read_flow
from mirage.parse.markup.tree import parse_markup
from tests.cost import assert_proportional


def text_of(body: str, prologue: str = "") -> str:
    return read_flow(parse_markup(f"{prologue}<html><body>{body}</body></html>".encode())).text


def test_broken_markup_loses_no_text() -> None:
    assert text_of("<p>One <b>two<p>three & four</i> <q>five").split() == (
        ["One", "two", "three", "&", "four", "five"]
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<p>&#8220;No&#8217;&#8221;<br>&#8220;Yes&#8221;</p>", "“No’” “Yes”"),
        ("<p>" + "".join(f"&#{ord(c)};" for c in "Привет") + "<br></p>", "Привет"),
        (f"<p>a<br>b</p><!-- {'a draft <!-- ' * 9} -->", "a b"),
        ("<p>a</p></body></html><p>tail</p>", "a tail"),
        (f"<p>a<br></p>{'<div>' * 300}deep", "a deep"),
    ],
)
def test_small_error_in_the_markup_loses_no_text(body: str, words: str) -> None:
    assert " ".join(text_of(body).split()) == words


@pytest.mark.parametrize("end", ["", "<br>"])
def test_references_to_characters_are_cleaned_like_characters(end: str) -> None:
    body = "<p title='&#34;&#x3c;'>don&#146;t &#150;&#x1; &#xfeff;a&#60;b &#38;lt; &#0080;</p>"
    assert text_of(body + end) == "don’t – a<b &lt; P"


@pytest.mark.parametrize("sign", ["<", "<!--", "&#"])
def test_signs_of_markup_take_time_in_proportion_to_their_number(sign: str) -> None:
    def work(count: int) -> None:
        with contextlib.suppress(Damaged):
            text_of(sign * count)

    assert_proportional(work, 200_000)


def test_entity_expansion_comes_to_nothing() -> None:
    prologue = (
        '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">'
        '<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    )
    assert text_of("<p>&b;|&x;</p>", prologue) == "&b;|&x;"


def test_document_type_behind_a_commented_one_is_left_out() -> None:
    prologue = '<!-- <!DOCTYPE x> --><!DOCTYPE html [<!ENTITY a-b "x">]>'
    assert text_of("<p>See &a-b; here</p>", prologue) == "See &a-b; here"


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


def test_document_types_take_time_in_proportion_to_their_number() -> None:
    def work(count: int) -> None:
        with pytest.raises(Damaged):
            parse_markup(b"<!DOCTYPE x [" * count)

    assert_proportional(work, 50_000)


@pytest.mark.parametrize("content", [b"", b"   ", b"<!DOCTYPE html>"])
def test_markup_without_an_element_is_damaged(content: bytes) -> None:
    with pytest.raises(Damaged):
        parse_markup(content)
