"""Faults of three kinds: the server is away, the server lies, one text spoils a healthy server."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence

import httpx
import pytest

from mirage.embed.faults import Fault, may_mean_a_text
from mirage.embed.proof import UnusableAnswers
from mirage.embed.server import NoAnswer, Refused, StrangeAnswer
from mirage.embed.settling import Unsettled
from mirage.errors import BadEmbedding, EmbedderUnavailable, Retry, TextTooLong
from tests.unit.embed.liar import INFO, LIES, LyingOllama, answer


@pytest.fixture
def server() -> LyingOllama:
    return LyingOllama()


def is_probe(texts: Sequence[str]) -> bool:
    return len(texts) == 1 and texts[0].startswith("dimensions")


class TestLiar:
    @pytest.mark.parametrize("lie", LIES)
    @pytest.mark.parametrize("texts", [["fox"], ["fox", "the fox runs"]])
    async def test_is_waited_for(self, server: LyingOllama, lie: str, texts: list[str]) -> None:
        embedder = server.embedder()
        await embedder.facts()
        server.lie, server.lies = LIES[lie], lambda _: True
        with pytest.raises(EmbedderUnavailable) as waiting:
            await embedder.embed_documents(texts)
        assert waiting.value.retry is Retry.WAIT
        server.lies = lambda _: False
        assert (await embedder.embed_documents(texts)).shape == (len(texts), 3)

    @pytest.mark.parametrize("lie", LIES)
    async def test_makes_queries_wait_too(self, server: LyingOllama, lie: str) -> None:
        embedder = server.embedder()
        await embedder.facts()
        server.lie, server.lies = LIES[lie], lambda _: True
        with pytest.raises(EmbedderUnavailable):
            await embedder.embed_queries(["fox"])

    async def test_is_quoted(self, server: LyingOllama) -> None:
        server.lie, server.lies = LIES["zeros"], lambda _: True
        with pytest.raises(UnusableAnswers) as waiting:
            await server.embedder().embed_documents(["fox"])
        assert str(waiting.value) == (
            "Ollama returns unusable answers: the embedder returned a vector of zeros"
        )

    @pytest.mark.parametrize("lie", LIES)
    async def test_is_asked_again_for_the_same_text(self, server: LyingOllama, lie: str) -> None:
        embedder = server.embedder()
        await embedder.facts()
        lies = iter([True])
        server.lie, server.lies = LIES[lie], lambda _: next(lies, False)
        assert (await embedder.embed_documents(["fox"])).shape == (1, 3)

    @pytest.mark.parametrize("lie", LIES)
    @pytest.mark.parametrize("period", [2, 3, 4])
    @pytest.mark.slow
    async def test_that_is_one_of_several_behind_an_address_blames_no_text(
        self, server: LyingOllama, lie: str, period: int
    ) -> None:
        embedder = server.embedder()
        await embedder.facts()
        for broken in range(1, 2**period - 1):  # Each choice of servers that are broken.
            for first in range(period):
                turns = iter(range(first, 1000))

                def is_broken(
                    _: Sequence[str], turns: Iterator[int] = turns, broken: int = broken
                ) -> bool:
                    return bool(broken >> next(turns) % period & 1)

                server.lie, server.lies = LIES[lie], is_broken
                with contextlib.suppress(EmbedderUnavailable):
                    await embedder.embed_documents(["fox"])

    @pytest.mark.parametrize("first", [0, 1])
    async def test_that_is_silent_every_other_time_blames_no_text(
        self, server: LyingOllama, first: int
    ) -> None:
        turns = iter(range(first, 1000))

        def silent(texts: Sequence[str]) -> httpx.Response:
            raise httpx.ReadTimeout("slow")

        server.lie, server.lies = silent, lambda _: next(turns) % 2 == 0
        with contextlib.suppress(EmbedderUnavailable):
            await server.embedder().embed_documents(["fox"])

    @pytest.mark.parametrize("probes", [1, 2, 3])
    async def test_that_lies_to_a_probe_is_not_believed_of_a_text(
        self, server: LyingOllama, probes: int
    ) -> None:
        seen: list[str] = []

        def lies(texts: Sequence[str]) -> bool:
            if is_probe(texts):
                seen.extend(texts)
                return len(seen) == probes
            return True

        server.lie, server.lies = LIES["null"], lies
        with pytest.raises(UnusableAnswers):
            await server.embedder().embed_documents(["fox"])
        assert len(seen) == len(set(seen)) == probes

    async def test_that_lied_about_dimensions_is_asked_for_them_again(
        self, server: LyingOllama
    ) -> None:
        embedder = server.embedder()
        server.info["bert.embedding_length"] = 7
        with pytest.raises(UnusableAnswers, match="3 dimensions instead of 7"):
            await embedder.embed_documents(["fox"])
        server.info = dict(INFO)
        assert (await embedder.embed_documents(["fox"])).shape == (1, 3)

    async def test_that_lied_about_its_limit_is_asked_for_it_again(
        self, server: LyingOllama, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        embedder = server.embedder()
        server.info["bert.context_length"] = 4
        with pytest.raises(TextTooLong):
            await embedder.embed_documents(["the quick brown fox runs"])
        server.info = dict(INFO)
        monkeypatch.setattr("mirage.embed.watch._LIMIT_SECONDS", 0.0)
        assert (await embedder.embed_documents(["the quick brown fox runs"])).shape == (1, 3)

    @pytest.mark.parametrize("dimensions", [10**9, 2**52])
    async def test_with_absurd_dimensions_is_waited_for(
        self, server: LyingOllama, dimensions: int
    ) -> None:
        server.info["bert.embedding_length"] = dimensions
        with pytest.raises(UnusableAnswers, match=f"tiny has {dimensions} dimensions"):
            await server.embedder().facts()


class TestText:
    @pytest.mark.parametrize("lie", sorted(set(LIES) - {"context-length"}))
    async def test_that_alone_is_answered_wrong_is_counted(
        self, server: LyingOllama, lie: str
    ) -> None:
        server.lie = LIES[lie]
        server.lies = lambda texts: any("poison" in text for text in texts)
        embedder = server.embedder()
        with pytest.raises(BadEmbedding, match="it embeds other texts"):
            await embedder.embed_documents(["poison"])
        assert [is_probe(texts) for texts in server.asked] == [
            *[False, True, False, True, False, False, True],
        ]
        with pytest.raises(BadEmbedding):
            await embedder.embed_documents(["fox", "poison"])
        assert (await embedder.embed_documents(["fox"])).shape == (1, 3)

    async def test_that_alone_is_too_long_for_the_server_is_named(
        self, server: LyingOllama
    ) -> None:
        server.lie = LIES["context-length"]
        server.lies = lambda texts: any("poison" in text for text in texts)
        embedder = server.embedder()
        with pytest.raises(TextTooLong) as refused:
            await embedder.embed_documents(["fox", "poison", "the"])
        assert refused.value.positions == (1,)
        with pytest.raises(TextTooLong):
            await embedder.embed_queries(["poison"])

    async def test_that_is_refused_in_several_ways_is_not_split(self, server: LyingOllama) -> None:
        kinds = iter(["context-length", "500", "context-length", "500"])

        def lie(texts: Sequence[str]) -> httpx.Response:
            return LIES[next(kinds)](texts)

        server.lie = lie
        server.lies = lambda texts: not is_probe(texts)
        with pytest.raises(BadEmbedding, match="too long; it embeds other texts"):
            await server.embedder().embed_documents(["fox"])


class TestForeignText:
    @pytest.mark.parametrize("status", [400, 404, 500, 503])
    async def test_of_an_error_is_clean_and_short(self, server: LyingOllama, status: int) -> None:
        said = "a\x00b \ud800 \u202e\x1b[2J" + "x" * 5000
        server.lie, server.lies = lambda _: answer(status, {"error": said}), lambda _: True
        with pytest.raises(EmbedderUnavailable) as failed:
            await server.embedder().embed_queries(["fox"])
        message = str(failed.value)
        assert "a b \ufffd [2Jxxx" in message
        assert message.encode().isascii() is False
        assert len(message) < 400

    async def test_of_a_digest_is_clean(self, server: LyingOllama) -> None:
        server.digests = lambda: "sha\x00\ud800" + "1" * 500
        digest = (await server.embedder().facts()).digest
        assert digest.startswith("sha \ufffd111")
        assert len(digest) == 200

    @pytest.mark.parametrize("digest", [None, 1, ["sha-1"], {"sha": 1}])
    async def test_that_is_no_text_is_no_digest(self, server: LyingOllama, digest: object) -> None:
        server.digests = lambda: digest
        with pytest.raises(EmbedderUnavailable, match="a digest that is not a text"):
            await server.embedder().facts()

    async def test_of_a_broken_connection_is_clean(self) -> None:
        def broken(request: httpx.Request) -> httpx.Response:
            raise httpx.RemoteProtocolError("illegal header line: \x00\ud800" + "x" * 5000)

        embedder = LyingOllama().embedder()
        embedder._server._client._transport = httpx.MockTransport(broken)
        with pytest.raises(EmbedderUnavailable) as failed:
            await embedder.check()
        assert "\x00" not in str(failed.value)
        assert len(str(failed.value)) < 400


class TestCheck:
    @pytest.mark.parametrize("lie", LIES)
    async def test_fails_while_every_embedding_does(self, server: LyingOllama, lie: str) -> None:
        server.lie, server.lies = LIES[lie], lambda _: True
        with pytest.raises(EmbedderUnavailable):
            await server.embedder().check()

    async def test_asks_once_for_many_and_believes_it(self, server: LyingOllama) -> None:
        embedder = server.embedder()
        await asyncio.gather(*(embedder.check() for _ in range(20)))
        await embedder.check()
        assert len(server.asked) == 1

    async def test_costs_nothing_after_a_vector(self, server: LyingOllama) -> None:
        embedder = server.embedder()
        await embedder.embed_documents(["fox"])
        server.asked.clear()
        await embedder.check()
        assert server.asked == []

    async def test_asks_once_while_the_server_fails(self, server: LyingOllama) -> None:
        server.lie, server.lies = LIES["zeros"], lambda _: True
        embedder = server.embedder()
        for _ in range(3):
            with pytest.raises(UnusableAnswers, match="zeros"):
                await embedder.check()
        assert len(server.asked) == 1

    async def test_believes_a_vector_after_a_failure(self, server: LyingOllama) -> None:
        server.lie, server.lies = LIES["zeros"], lambda _: True
        embedder = server.embedder()
        with pytest.raises(UnusableAnswers):
            await embedder.check()
        server.lies = lambda _: False
        await embedder.embed_queries(["fox"])
        await embedder.check()

    async def test_does_not_believe_a_vector_before_a_failure(self, server: LyingOllama) -> None:
        embedder = server.embedder()
        await embedder.check()
        server.lie, server.lies = LIES["zeros"], lambda _: True
        with pytest.raises(UnusableAnswers):
            await embedder.embed_queries(["fox"])
        with pytest.raises(UnusableAnswers):
            await embedder.check()

    async def test_goes_on_when_who_asked_is_gone(self) -> None:
        server, release = LyingOllama(), asyncio.Event()

        async def slow(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/api/embed":
                await release.wait()
            return server(request)

        embedder = server.embedder()
        embedder._server._client._transport = httpx.MockTransport(slow)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await embedder.check()
        release.set()
        await embedder.check()
        assert len(server.asked) == 1


class TestSettledFacts:
    @pytest.fixture(autouse=True)
    def _look_each_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("mirage.embed.watch._WATCHED_SECONDS", 0.0)

    async def test_come_after_several_looks(self, server: LyingOllama) -> None:
        embedder = server.embedder()
        for _ in range(3):
            with pytest.raises(Unsettled, match=r"tiny \(sha-1\) is new here"):
                await embedder.settled_facts(0)
        facts = await embedder.settled_facts(0)
        assert (facts.digest, facts.dimensions) == ("sha-1", 3)
        assert [is_probe(texts) for texts in server.asked] == [True]

    async def test_take_their_time(self, server: LyingOllama) -> None:
        embedder = server.embedder()
        for _ in range(10):
            with pytest.raises(Unsettled, match="stayed the same for 600 s"):
                await embedder.settled_facts(600)

    @pytest.mark.parametrize("stay", [1, 2, 3])
    async def test_do_not_come_of_a_digest_that_flaps(self, server: LyingOllama, stay: int) -> None:
        looks = iter(range(10_000))
        server.digests = lambda: f"sha-{next(looks) // stay % 2}"
        embedder = server.embedder()
        for _ in range(100):
            with pytest.raises(Unsettled):
                await embedder.settled_facts(0)

    async def test_take_longer_after_several_changes(self, server: LyingOllama) -> None:
        embedder = server.embedder()
        for digest in ("a", "b"):  # One change is what a new model looks like.
            server.digests = lambda digest=digest: digest  # type: ignore[misc]
            with pytest.raises(Unsettled, match="for 10 s"):
                await embedder.settled_facts(10)
        for seconds in (20, 40, 80, 160, 320, 320):
            server.digests = lambda seconds=seconds: f"{seconds} {len(server.asked)}"  # type: ignore[misc]
            server.asked.append([])
            with pytest.raises(Unsettled, match=f"for {seconds} s"):
                await embedder.settled_facts(10)

    async def test_are_read_again_at_the_end(self, server: LyingOllama) -> None:
        embedder = server.embedder()
        server.info["bert.context_length"] = 5
        assert (await embedder.facts()).max_tokens == 3
        server.info = dict(INFO)
        for _ in range(3):
            with pytest.raises(Unsettled):
                await embedder.settled_facts(0)
        with pytest.raises(Unsettled):  # What it says now differs: it is watched from here on.
            await embedder.settled_facts(0)
        for _ in range(3):
            await embedder.facts()
            try:
                facts = await embedder.settled_facts(0)
            except Unsettled:
                continue
            break
        assert facts.max_tokens == 510

    async def test_need_a_right_vector(self, server: LyingOllama) -> None:
        server.info["bert.embedding_length"] = 4
        embedder = server.embedder()
        for _ in range(3):
            with pytest.raises(Unsettled):
                await embedder.settled_facts(0)
        with pytest.raises(UnusableAnswers, match="3 dimensions instead of 4"):
            await embedder.settled_facts(0)


@pytest.mark.parametrize("name", ["tiny:latest", "library/tiny", "registry.ollama.ai/library/Tiny"])
def test_spellings_of_a_model_are_one_embedder(server: LyingOllama, name: str) -> None:
    embedder = server.embedder()
    assert embedder.for_model(name) is embedder
    assert embedder.for_model("tiny:22m") is not embedder


def _refused(status: int) -> EmbedderUnavailable:
    error = EmbedderUnavailable("refused")
    error.__cause__ = Refused(status, "no")
    return error


@pytest.mark.parametrize(
    ("error", "may"),
    [
        (NoAnswer("silent"), True),
        (StrangeAnswer("not JSON"), True),
        (BadEmbedding("zeros"), True),
        (TextTooLong("long", (0,)), True),
        (_refused(500), True),
        (_refused(401), False),
        (EmbedderUnavailable("connection refused"), False),
    ],
    ids=str,
)
def test_error_may_mean_a_text_or_is_of_the_server(error: Fault, may: bool) -> None:
    assert may_mean_a_text(error, frozenset({400, 500})) is may
