"""Documents that a person attaches by their address."""

import pytest
from mcp.shared.exceptions import MCPError

from tests.api.mcp.conftest import CHAPTER, PUMP, Connect
from tests.api.mcp.test_tools import inside


async def test_document_is_read_by_its_address(connect: Connect, books: str) -> None:
    async with connect() as agent:
        assert (await agent.client.list_resources()).resources == []
        (contents,) = (
            await agent.client.read_resource("mirage://shelf/pumps%2Fhandbook.md")
        ).contents
        paged = (
            await agent.client.read_resource("mirage://shelf/pumps%2Fplan.pdf?at=p.%20ii")
        ).contents
    assert contents.mime_type == "text/plain"
    assert inside(contents.text).startswith("# Operation")  # type: ignore[union-attr]
    assert PUMP in inside(contents.text)  # type: ignore[union-attr]
    assert "Line 3 of page 2." in paged[0].text  # type: ignore[union-attr]
    assert "Line 3 of page 1." not in paged[0].text  # type: ignore[union-attr]


async def test_place_is_a_span_of_a_document_with_any_name(connect: Connect, books: str) -> None:
    async with connect("/mcp") as agent:
        (contents,) = (await agent.client.read_resource("mirage://shelf/note.txt?at=0-30")).contents
    wanted = CHAPTER.replace("pumps", "ships")
    assert inside(contents.text).startswith(wanted[:30])  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("mirage://shelf/handbok.md", "similar: pumps/handbook.md"),
        ("mirage://other/handbook.md", "this address serves only project 'shelf'"),
        ("mirage://shelf/note.txt?at=30-10", "ends before it begins"),
        ("mirage://shelf", "does not name a project and a document"),
        ("https://shelf/note.txt", "does not name a project and a document"),
        ("mirage://shelf/%00", "must not contain NUL"),
        ("mirage://%00/note.txt?at=1-2", "must not contain NUL"),
    ],
)
async def test_wrong_address_is_an_error_with_a_sentence(
    connect: Connect, books: str, uri: str, sentence: str
) -> None:
    async with connect() as agent:
        with pytest.raises(MCPError) as raised:
            await agent.client.read_resource(uri)
    assert sentence in str(raised.value)
    assert "Traceback" not in str(raised.value)
