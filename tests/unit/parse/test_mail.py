from base64 import b64encode
from pathlib import Path

import pytest

from mirage.errors import Blank, Damaged, Encrypted
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse

HEAD = "From: Anna <anna@example.org>\r\nTo: Bob <bob@example.org>\r\n"
DATE = "Date: Thu, 01 Feb 2024 12:30:05 +0300\r\n"


def read(folder: Path, mail: str | bytes) -> Parsed:
    path = folder / "a.eml"
    path.write_bytes(mail if isinstance(mail, bytes) else mail.encode())
    return parse(path, MediaType.MAIL)


def text(folder: Path, mail: str | bytes) -> str:
    return "\n---\n".join(section.text for section in read(folder, mail).sections)


def multipart(kind: str, *parts: str) -> str:
    divided = "".join(f"--{kind[:3]}\r\n{part}\r\n" for part in parts)
    return (
        f'Content-Type: multipart/{kind}; boundary="{kind[:3]}"\r\n\r\n{divided}--{kind[:3]}--\r\n'
    )


PLAIN = "Content-Type: text/plain\r\n\r\nThe oil has come."
PAGE = "Content-Type: text/html\r\n\r\n<p>The <b>oil</b></p><ul><li>has<li>come</ul>"


def test_mail_is_a_section_that_says_who_wrote_when(tmp_path: Path) -> None:
    parsed = read(
        tmp_path, f"{HEAD}{DATE}Subject: Oil\r\n for the lamp\r\n\r\nIt came.\r\n\r\nAnna\r\n"
    )
    assert parsed.title == "Oil for the lamp"
    assert parsed.sections == (
        Section(
            "From: Anna <anna@example.org>\nTo: Bob <bob@example.org>\nDate: 2024-02-01 12:30 +0300"
            "\nSubject: Oil for the lamp\n\nIt came.\n\nAnna"
        ),
    )
    assert parsed.warnings == ()


def test_plain_text_is_preferred_to_the_page(tmp_path: Path) -> None:
    both = multipart("alternative", PLAIN, PAGE)
    assert text(tmp_path, HEAD + both).endswith("\n\nThe oil has come.")
    empty = multipart("alternative", "Content-Type: text/plain\r\n\r\n \r\n", PAGE)
    assert text(tmp_path, HEAD + empty).endswith("\n\nThe oil\n\nhas\ncome")
    last = multipart("alternative", PAGE, "Content-Type: text/plain\r\n\r\n")
    assert text(tmp_path, HEAD + last).endswith("\n\nThe oil\n\nhas\ncome")
    assert text(tmp_path, HEAD + PAGE).endswith("\n\nThe oil\n\nhas\ncome")


def test_attachments_are_named(tmp_path: Path) -> None:
    mail = multipart(
        "mixed",
        multipart("alternative", PLAIN, PAGE),
        'Content-Type: application/pdf; name="=?utf-8?B?0L7RgtGH0ZHRgi5wZGY=?="\r\n\r\nxx',
        'Content-Type: text/plain\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\nxx',
        "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR",
        "Content-Type: image/png\r\nContent-Id: <x>\r\n\r\nxx",
    )
    assert read(tmp_path, HEAD + mail).warnings == (
        "An attachment is not read: отчёт.pdf.",
        "An attachment is not read: a.txt.",
        "An attachment is not read: a part of the type text/calendar.",
    )
    many = multipart(
        "mixed", PLAIN, *[f"Content-Type: a/b; name=f{at}\r\n\r\nx" for at in range(50)]
    )
    warnings = read(tmp_path, HEAD + many).warnings
    assert len(warnings) == 21
    assert warnings[-1] == "The same is true of 30 more attachments."


@pytest.mark.parametrize("charset", ["utf-8", "koi8-r", "windows-1251"])
def test_declared_encodings_are_read(tmp_path: Path, charset: str) -> None:
    subject = f"=?{charset}?B?{b64encode('Счёт за ма'.encode(charset)).decode()}?="
    rest = f"=?{charset}?Q?=20{''.join(f'={byte:02X}' for byte in 'май'.encode(charset))}?="
    body = b64encode("Оплатите, пожалуйста.".encode(charset)).decode()
    mail = (
        f"{HEAD}Subject: {subject}\r\n {rest}\r\nContent-Type: text/plain; charset={charset}\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n"
    )
    assert text(tmp_path, mail).endswith("Subject: Счёт за ма май\n\nОплатите, пожалуйста.")


def test_letters_split_over_two_encoded_words_are_read(tmp_path: Path) -> None:
    letters = "Жук".encode()
    words = [f"=?UTF-8?B?{b64encode(half).decode()}?=" for half in (letters[:3], letters[3:])]
    assert "Subject: Жук" in text(tmp_path, f"{HEAD}Subject: {words[0]}\r\n {words[1]}\r\n\r\nx")


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251"])
def test_undeclared_encodings_are_guessed(tmp_path: Path, encoding: str) -> None:
    letter = "Добрый день! Масло привезли сегодня утром, фитили обещают в четверг."
    kind = "Content-Type: text/plain; charset=us-ascii"
    mail = f"{HEAD}Subject: Масло привезли сегодня утром\r\n{kind}\r\n\r\n{letter}"
    read_text = text(tmp_path, mail.encode(encoding))
    assert read_text.endswith(f"Subject: Масло привезли сегодня утром\n\n{letter}")


def test_attached_mails_are_sections_of_their_own(tmp_path: Path) -> None:
    inner = f"Content-Type: message/rfc822\r\n\r\n{HEAD}Subject: Before\r\n\r\nWhere is it?"
    parsed = read(tmp_path, f"{HEAD}Subject: Now\r\n{multipart('mixed', PLAIN, inner)}")
    assert [section.heading_path for section in parsed.sections] == [(), ("Before",)]
    assert parsed.sections[1].text.endswith("Subject: Before\n\nWhere is it?")


@pytest.mark.slow
def test_mail_in_mail_in_mail_ends(tmp_path: Path) -> None:
    within = "Content-Type: message/rfc822\r\n\r\nSubject: s\r\n"
    parsed = read(tmp_path, f"{HEAD}{within * 30}\r\nend")
    assert len(parsed.sections) == 6
    assert parsed.warnings == ("Mails within 5 other mails are not read (1).",)
    with pytest.raises(Damaged, match="nested too deeply"):
        read(tmp_path, f"{HEAD}{within * 3000}\r\nend")
    deep = "".join(
        f"Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n" for at in range(3000)
    )
    with pytest.raises(Damaged, match="nested too deeply"):
        read(tmp_path, f"{HEAD}{deep}\r\nend")


@pytest.mark.parametrize(
    "mail",
    [
        "Subject: =?utf-8?B?!!?= =?nothing?Q?x?= =?utf-8?Q?=?=\r\n\r\nbody",
        "From: x\r\nDate: someday\r\n\r\nbody",
        "From: x\r\nContent-Type: text/plain; charset=a\0b\r\n\r\nbody",
        "From: x\r\nDate: Thu, 99999999999 Feb 2024 12:30:05 +0300\r\n\r\nbody",
        'From: x\r\nContent-Type: text/plain; charset="nothing"\r\n\r\nbody',
        "From: x\r\nContent-Type: multipart/mixed\r\n\r\nbody",
        "From: x\r\nContent-Transfer-Encoding: base64\r\nX: y\r\n\r\n\tbody",
        "\n\nFrom: x\nContent-Type: text/html; charset=utf-16\n\n<p>body",
        "From: x\r\nContent-Type: ;;;=\r\nContent-Disposition: ===\r\n\r\nbody",
    ],
)
def test_odd_mails_are_read(tmp_path: Path, mail: str) -> None:
    assert read(tmp_path, mail).sections


def test_encrypted_part_of_a_mail_with_text_is_named(tmp_path: Path) -> None:
    locked = "Content-Type: application/pkcs7-mime\r\n\r\nMIIB"
    inner = f"Content-Type: message/rfc822\r\n\r\n{HEAD}{locked}"
    parsed = read(tmp_path, HEAD + multipart("mixed", PLAIN, locked, inner))
    assert parsed.warnings == ("An attachment is not read: an encrypted part.",) * 2


@pytest.mark.slow
def test_endless_header_is_kept_as_it_is(tmp_path: Path) -> None:
    words = "=?utf-8?B?0LA=?= " * 300_000
    parsed = read(tmp_path, f"{HEAD}Subject: {words}\r\n\r\nbody")
    assert parsed.sections[0].text.count("=?utf-8?B?0LA=?=") == 300_000


def test_what_is_no_readable_mail_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="not a mail"):
        read(tmp_path, "Dear Bob,\nthe oil has come.\n")
    with pytest.raises(Blank):
        read(tmp_path, "Message-Id: <x>\r\n\r\n \r\n")
    with pytest.raises(Damaged, match="nested too deeply"):
        read(tmp_path, f"{HEAD}Content-Type: text/html\r\n\r\n{'<div>' * 5000}x")
    with pytest.raises(Encrypted):
        read(tmp_path, HEAD + multipart("encrypted", "Content-Type: application/pgp\r\n\r\nx"))
    with pytest.raises(Encrypted):
        read(tmp_path, f"{HEAD}Content-Type: application/pkcs7-mime\r\n\r\nMIIB")


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("iso-8859-1", "utf-8"),
        ("iso-8859-1", "cp1251"),
        ("iso-8859-1", "koi8-r"),
        ("windows-1251", "utf-8"),
        ("utf-8", "cp1251"),
        ("koi8-r", "koi8-r"),
    ],
)
def test_text_counts_more_than_the_declared_encoding(
    tmp_path: Path, declared: str, written: str
) -> None:
    body = "Договор аренды, sent by Outlook: срок — три года."
    mail = f"{HEAD}Content-Type: text/plain; charset={declared}\r\n\r\n{body}"
    mail = mail.replace("—", "-") if written == "koi8-r" else mail
    assert "Договор аренды, sent by Outlook: срок" in text(tmp_path, mail.encode(written))


@pytest.mark.parametrize("body", ["Déjà vu à Évian, où l'été créé finit.", "Größe: süß, ÄÖÜ", "é"])
def test_western_letters_stay_what_they_are_declared_to_be(tmp_path: Path, body: str) -> None:
    mail = f"{HEAD}Content-Type: text/plain; charset=iso-8859-1\r\n\r\n{body}"
    assert text(tmp_path, mail.encode("latin-1")).endswith(f"\n\n{body}")


def test_files_of_the_other_alternative_are_named(tmp_path: Path) -> None:
    file = "Content-Type: application/pdf\r\nContent-Disposition: inline; filename=lease.pdf\r\n"
    logo = "Content-Type: image/png; name=logo.png\r\n\r\nAAAA"
    mixed = multipart("mixed", PAGE, f"{file}\r\nAAAA", logo, PAGE)
    parsed = read(tmp_path, HEAD + multipart("alternative", PLAIN, mixed))
    assert parsed.sections[0].text.endswith("\n\nThe oil has come.")
    assert parsed.warnings == ("An attachment is not read: lease.pdf.",)


@pytest.mark.parametrize(
    "declared", ["multipart/mixed", 'multipart/mixed; boundary="b"', "multipart/alternative"]
)
def test_body_without_its_boundaries_is_read_as_it_is(tmp_path: Path, declared: str) -> None:
    parsed = read(tmp_path, f"{HEAD}Content-Type: {declared}\r\n\r\nThe oil has come.\r\n")
    assert parsed.sections[0].text.endswith("\n\nThe oil has come.")
    assert parsed.warnings == ()


def test_attached_mail_may_be_packed(tmp_path: Path) -> None:
    inner = b64encode(f"{HEAD}Subject: Oil\r\n\r\nIt came.\r\n".encode()).decode()
    packed = f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{inner}"
    sections = read(tmp_path, HEAD + multipart("mixed", PLAIN, packed)).sections
    assert [section.heading_path for section in sections] == [(), ("Oil",)]
    assert sections[1].text.endswith("\nSubject: Oil\n\nIt came.")
    odd = packed.replace(inner, "The oil has come.")
    assert "The oil has come." in text(tmp_path, HEAD + multipart("mixed", PLAIN, odd))


def test_report_about_delivery_is_read(tmp_path: Path) -> None:
    status = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        "Final-Recipient: rfc822; bob@example.org\r\nDiagnostic-Code: smtp; 550 unknown"
    )
    headers = "Content-Type: text/rfc822-headers\r\n\r\nSubject: The lease"
    parsed = read(tmp_path, HEAD + multipart("report", PLAIN, status, headers))
    assert parsed.sections[0].text.endswith(
        "\n\nThe oil has come.\n\nReporting-MTA: dns; mx.example.org\n\n"
        "Final-Recipient: rfc822; bob@example.org\nDiagnostic-Code: smtp; 550 unknown\n\n"
        "Subject: The lease"
    )
    assert parsed.warnings == ()


def test_text_with_a_name_is_read_if_it_is_the_body_or_shown_in_it(tmp_path: Path) -> None:
    named = "Content-Type: text/plain; name=oil.txt\r\n{}\r\nThe {} oil."
    body = named.format("", "first")
    shown = named.format("Content-Disposition: inline\r\n", "shown")
    file = named.format("", "other")
    attached = named.format("Content-Disposition: attachment\r\n", "attached")
    parsed = read(tmp_path, HEAD + multipart("mixed", body, shown, file, attached))
    assert parsed.sections[0].text.endswith("\n\nThe first oil.\n\nThe shown oil.")
    assert parsed.warnings == ("An attachment is not read: oil.txt.",) * 2


@pytest.mark.parametrize("related", [False, True])
def test_page_is_read_if_the_plain_text_only_mentions_it(tmp_path: Path, *, related: bool) -> None:
    stub = "Content-Type: text/plain\r\n\r\nThis mail needs HTML."
    full = (
        f"Content-Type: text/html\r\n\r\n<p>{'Ten words are in here and eight more of them. ' * 3}"
    )
    page = multipart("related", full, "Content-Type: image/png\r\n\r\nAAAA") if related else full
    assert "Ten words" in text(tmp_path, HEAD + multipart("alternative", stub, page))
    short = full.replace(
        "Ten words are in here and eight more of them. " * 3, "Two more words " * 4
    )
    assert text(tmp_path, HEAD + multipart("alternative", stub, short)).endswith("needs HTML.")


def test_damaged_page_does_not_matter_beside_plain_text(tmp_path: Path) -> None:
    page = "Content-Type: text/html\r\n\r\n" + "<div>" * 100_000
    both = multipart("alternative", PLAIN, page)
    assert text(tmp_path, HEAD + both).endswith("\n\nThe oil has come.")


def test_mailbox_is_a_section_for_each_mail(tmp_path: Path) -> None:
    box = (
        "From anna@example.org Thu Feb  1 12:30:05 2024\n"
        "From: Anna\nSubject: Oil\n\nIt came.\n>From the harbour.\n\nFrom there to here.\n\n"
        "From bob@example.org Fri Feb  2 08:00:00 2024\n"
        "From: Bob\nSubject: Wick\n\nThanks for AB-1234.\n"
    )
    for written in (box, box.replace("\n", "\r\n")):
        parsed = read(tmp_path, written)
        assert parsed.sections == (
            Section(
                "From: Anna\nSubject: Oil\n\nIt came.\nFrom the harbour.\n\nFrom there to here.",
                ("Oil",),
            ),
            Section("From: Bob\nSubject: Wick\n\nThanks for AB-1234.", ("Wick",)),
        )
        assert parsed.title is None


@pytest.mark.parametrize(
    "body",
    [
        "It came, as AB-1234 says.\r\nAnna",
        "Hello\r\nIt came, as AB-1234 says.",
        f"{b64encode(b'It came, as AB-1234 says.').decode()}\r\n-- \r\nA list of keepers",
    ],
)
def test_text_that_only_claims_to_be_base64_is_read(tmp_path: Path, body: str) -> None:
    mail = f"{HEAD}Content-Transfer-Encoding: base64\r\n\r\n{body}"
    read_ = text(tmp_path, mail)
    assert "It came, as AB-1234 says." in read_
    assert read_.endswith(("Anna", "says.", "A list of keepers"))
