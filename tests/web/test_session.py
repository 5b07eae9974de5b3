"""What a sealed session survives, and what it does not."""

from uuid import UUID

import pytest

from mirage.web.session import LIFE_SECONDS, Session, Sessions

KEY_ID = UUID("5f0c7a52-6f9b-4c35-9f0e-2f7a3c1d9e11")
NOW = 1_800_000_000.5


@pytest.mark.parametrize("session", [Session(None), Session(KEY_ID)])
def test_session_is_known_until_it_is_over(session: Session) -> None:
    sealed = Sessions("a key").seal(session, NOW)
    assert Sessions("a key").open(sealed, NOW + LIFE_SECONDS - 1) == session
    assert Sessions("a key").open(sealed, NOW + LIFE_SECONDS) is None


def test_other_main_key_ends_all_sessions() -> None:
    sealed = Sessions("a key").seal(Session(None), NOW)
    assert Sessions("another key").open(sealed, NOW) is None
    assert Sessions("a key").cookie != Sessions("another key").cookie


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: sealed.replace(str(KEY_ID), "settings"),
        lambda sealed: sealed.replace(".18", ".19"),
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[:-2] + ("AA" if not sealed.endswith("AA") else "BB"),
        lambda sealed: sealed + "\n",
        lambda _: "",
        lambda _: "settings.9999999999999.",
        lambda _: "é" * 50,
    ],
)
def test_forged_session_is_unknown(change: object) -> None:
    assert callable(change)
    sealed = Sessions("a key").seal(Session(KEY_ID), NOW)
    assert Sessions("a key").open(change(sealed), NOW) is None
