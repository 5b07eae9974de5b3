"""The page of a document: facts, reasons of failures, and what can be done about them."""

from pathlib import Path

import httpx
from fastapi import FastAPI

from mirage.testing.documents import make_pdf
from mirage.web.documents import link_pages
from tests.api.conftest import Index
from tests.web.conftest import Page, address_of, browser_with_key, names, send


async def test_failed_document_has_a_reason_and_the_button_that_helps(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path
) -> None:
    await send(browser, "scan.pdf", make_pdf(tmp_path / "scan.pdf", [""]).read_bytes())
    await index()
    page = await browser.get(shelf, params={"state": "failed"})
    assert names(page) == ["scan.pdf"]
    path = await address_of(app, "scan")
    assert f"{path}/replace" in Page(page.text).addresses
    assert f"{path}/reindex" not in Page(page.text).actions
    assert "Try again" not in page.text
    form = await browser.get(f"{path}/replace")
    assert "Replace “scan.pdf”" in form.text
    sent = await browser.post(
        f"{path}/replace",
        files={
            "file": (
                "other.pdf",
                make_pdf(tmp_path / "other.pdf", ["A text at last."]).read_bytes(),
            )
        },
    )
    assert sent.status_code == 303
    await index()
    page = await browser.get(shelf)
    assert names(page) == ["scan.pdf"]
    assert '<span class="state ready">ready</span>' in page.text


async def test_document_page_has_facts_outline_and_what_can_be_done(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    text = "# Pumps\n\nAbout pumps.\n\n## <b>Limits</b>\n\nNever dry.\n"
    await send(browser, "work/<i>a.md", text.encode())
    await index()
    path = await address_of(app, "work/")
    page = await browser.get(path)
    assert page.status_code == 200
    assert "<i>" not in page.text
    assert "<b>Limits" not in page.text
    shown = Page(page.text)
    assert "Pumps" in shown.text
    assert {f"{path}/reindex", f"{path}/rename"} <= set(shown.actions)
    assert {f"{path}/file", f"{path}/delete", f"{path}/replace"} <= set(shown.addresses)
    heading = next(a for a in shown.addresses if a.startswith("/d/") and "from=" in a)
    assert (await browser.get(heading)).status_code == 200
    original = await browser.get(f"{path}/file")
    assert original.content == text.encode()
    assert original.headers["content-disposition"].startswith("attachment;")
    assert original.headers["x-content-type-options"] == "nosniff"
    renamed = await browser.post(f"{path}/rename", data={"name": "new.md"})
    assert renamed.headers["location"] == path
    assert names(await browser.get(shelf)) == ["new.md"]
    assert (await browser.post(f"{path}/rename", data={"name": "new.pdf"})).status_code == 415
    assert (await browser.post(f"{path}/reindex")).headers["location"] == path
    assert "waits for its turn" in (await browser.get(path)).text


async def test_document_is_deleted_after_a_question(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str
) -> None:
    await send(browser, "work/a.txt", b"A pump.")
    path = await address_of(app, "a.txt")
    assert "Delete “work/a.txt”?" in (await browser.get(f"{path}/delete")).text
    sent = await browser.post(f"{path}/delete")
    assert sent.headers["location"] == f"{shelf}?path=work%2F"
    for gone in (path, f"{path}/delete", f"{path}/file", "/p/books/d/nonsense"):
        assert (await browser.get(gone)).status_code in (404, 422)
    assert (await browser.post(f"{path}/delete")).status_code == 404


async def test_reader_sees_rows_and_no_way_to_change_them(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path
) -> None:
    await send(browser, "a.txt", b"A pump.")
    await send(browser, "scan.pdf", make_pdf(tmp_path / "scan.pdf", [""]).read_bytes())
    await index()
    path = await address_of(app, "a.txt")
    reader = await browser_with_key(app, projects=["books"])
    for address in (shelf, path, await address_of(app, "scan")):
        page = Page((await reader.get(address)).text)
        assert page.actions == ["/logout"]
        assert not any(a.endswith(("/delete", "/replace")) for a in page.addresses)
    assert 'id="upload"' not in (await reader.get(shelf)).text
    assert (await send(reader, "b.txt", b"More.")).status_code == 403
    for action in ("reindex", "rename", "replace", "delete"):
        assert (await reader.post(f"{path}/{action}")).status_code == 403
    assert (await reader.get(f"{path}/file")).content == b"A pump."
    assert len(names(await browser.get(shelf))) == 2


def test_pages_that_a_warning_names_are_links() -> None:
    assert link_pages("Pages 2–4 and 7 have no text.") == [
        ("Pages ", None), ("2", 2), ("–", None), ("4", 4), (" and ", None), ("7", 7),
        (" have no text.", None),
    ]  # fmt: skip
    assert link_pages("3 files are attached to page 12 and not read.") == [
        ("3 files are attached to page ", None), ("12", 12), (" and not read.", None),
    ]  # fmt: skip
    assert link_pages("254 tokens") == [("254 tokens", None)]
