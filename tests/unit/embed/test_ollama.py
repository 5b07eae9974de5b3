import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from mirage.config import Embedding, Ollama
from mirage.embed.ollama import OllamaEmbedder
from mirage.errors import BadEmbedding, EmbedderUnavailable, ModelMissing, TextTooLong
from mirage.names import canonical_model
from mirage.search.query_vector import embed_query

TOKENS = ["[UNK]", "▁the", "▁fox", "▁runs", "▁query", "▁:"]
INFO = {
    "general.architecture": "bert",
    "bert.context_length": 512,
    "bert.embedding_length": 3,
    "tokenizer.ggml.model": "bert",
    "tokenizer.ggml.tokens": TOKENS,
}


def answer(status: int, content: bytes | dict[str, Any]) -> httpx.Response:
    """A response that is still to be read, as one from a network is."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return httpx.Response(status, stream=httpx.ByteStream(raw))


class FakeOllama:
    """The server's side of the conversation; what it answers can be replaced by path."""

    def __init__(self, model: str = "tiny") -> None:
        self.digest = "sha-1"
        self.name = f"{model}:latest"
        self.info: dict[str, Any] = dict(INFO)
        self.parameters = "num_ctx 10"
        self.bodies: list[dict[str, Any]] = []
        self.authorization: str | None = None
        self.answers: dict[str, Callable[[], httpx.Response]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.authorization = request.headers.get("Authorization")
        if path in self.answers:
            return self.answers[path]()
        if path == "/api/tags":
            return answer(200, {"models": [{"name": self.name, "digest": self.digest}]})
        body = json.loads(request.content)
        if path == "/api/show":
            return answer(200, {"model_info": self.info, "parameters": self.parameters})
        self.bodies.append(body)
        vectors = [[len(text), 1, 0] for text in body["input"]]
        return answer(200, {"embeddings": vectors, "prompt_eval_count": 9})

    def refuse(self, path: str, status: int, error: str) -> None:
        self.answers[path] = lambda: answer(status, {"error": error})

    def embedder(self, model: str = "tiny", **embedding: Any) -> OllamaEmbedder:
        return OllamaEmbedder(
            Ollama(model=model), Embedding(**embedding), transport=httpx.MockTransport(self)
        )


@pytest.fixture
def server() -> FakeOllama:
    return FakeOllama()


class TestFacts:
    async def test_come_from_server_and_table(self) -> None:
        facts = await FakeOllama("library/nomic-embed-text").embedder("nomic-embed-text").facts()
        assert facts.digest == "sha-1"
        assert facts.dimensions == 3
        assert facts.max_tokens == 8
        assert facts.query_prompt == "search_query: "
        assert len(facts.tokenizer.offsets("the fox")) == 2

    async def test_take_the_smallest_limit(self, server: FakeOllama) -> None:
        server.parameters = "stop foo\nnum_ctx                        8192\n"
        assert (await server.embedder().facts()).max_tokens == 510

    async def test_assume_a_context_where_none_is_named(self, server: FakeOllama) -> None:
        server.parameters = ""
        server.info["bert.context_length"] = 32_768
        assert (await server.embedder().facts()).max_tokens == 4094

    async def test_measure_dimensions_that_are_not_told(self, server: FakeOllama) -> None:
        server.info = {}
        assert (await server.embedder().facts()).dimensions == 3

    async def test_survive_nonsense(self, server: FakeOllama) -> None:
        server.info = {"general.architecture": ["x"], "x.context_length": -1e400}
        server.parameters = "num_ctx 0"
        assert (await server.embedder().facts()).max_tokens == 4094

    async def test_are_read_anew_for_a_new_digest(
        self, server: FakeOllama, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        embedder = server.embedder()
        monkeypatch.setattr("mirage.embed.remote._FACTS_TTL_SECONDS", 0.0)
        await embedder.facts()
        server.digest = "sha-2"
        server.info["bert.embedding_length"] = 7
        facts = await embedder.facts()
        assert (facts.digest, facts.dimensions) == ("sha-2", 7)

    async def test_miss_a_model_that_is_not_there(self, server: FakeOllama) -> None:
        with pytest.raises(ModelMissing, match=r"`ollama pull registry\.local:5/library/tiny`"):
            await server.embedder("registry.local:5/library/tiny").facts()

    async def test_of_another_model_come_from_the_same_server(self, server: FakeOllama) -> None:
        embedder = server.embedder()
        other = embedder.for_model("other")
        assert embedder.for_model("other") is other
        assert embedder.for_model("tiny") is embedder
        with pytest.raises(ModelMissing, match="`ollama pull other`"):
            await other.facts()
        server.name, server.digest = "other:latest", "sha-2"
        assert (await other.facts()).digest == "sha-2"
        await other.embed_queries(["the fox"])
        assert server.bodies[-1]["model"] == "other"


class TestDocuments:
    async def test_vectors_come_in_the_order_of_the_texts(self, server: FakeOllama) -> None:
        texts = ["fox", "the fox runs", "the fox"]
        vectors = await server.embedder(batch_tokens=64).embed_documents(texts)
        assert [round(float(row[0] / row[1])) for row in vectors] == [3, 12, 7]

    async def test_requests_never_ask_to_cut(self, server: FakeOllama) -> None:
        await server.embedder().embed_documents(["fox"])
        assert server.bodies == [{"model": "tiny", "input": ["fox"], "truncate": False}]

    async def test_requests_are_bounded_by_tokens(self, server: FakeOllama) -> None:
        await server.embedder(batch_tokens=64).embed_documents(["the fox runs"] * 50)
        assert [len(body["input"]) for body in server.bodies] == [21, 21, 8]

    async def test_nothing_is_asked_for_no_texts(self, server: FakeOllama) -> None:
        assert (await server.embedder().embed_documents([])).shape == (0, 3)
        assert server.bodies == []

    async def test_counted_as_too_long_is_refused_before_the_request(
        self, server: FakeOllama
    ) -> None:
        with pytest.raises(TextTooLong, match="9 tokens; tiny takes 8") as refused:
            await server.embedder().embed_documents(["fox", "fox " * 9])
        assert refused.value.positions == (1,)
        assert server.bodies == []

    async def test_found_too_long_by_the_server_is_told_by_position(
        self, server: FakeOllama
    ) -> None:
        def pick(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/api/embed" and "runs" in json.loads(request.content)["input"]:
                error = "the input length exceeds the context length"
                return answer(400, {"error": error})
            return server(request)

        embedder = OllamaEmbedder(
            Ollama(model="tiny"), Embedding(), transport=httpx.MockTransport(pick)
        )
        with pytest.raises(TextTooLong) as refused:
            await embedder.embed_documents(["fox", "runs", "the"])
        assert refused.value.positions == (1,)

    async def test_are_refused_when_the_model_was_replaced_meanwhile(
        self, server: FakeOllama
    ) -> None:
        embedder = server.embedder()
        await embedder.facts()
        server.digest = "sha-2"
        with pytest.raises(EmbedderUnavailable, match="was replaced"):
            await embedder.embed_documents(["fox"])
        assert (await embedder.facts()).digest == "sha-2"

    async def test_wrong_dimensions_are_refused(self, server: FakeOllama) -> None:
        server.info["bert.embedding_length"] = 4
        with pytest.raises(EmbedderUnavailable, match="3 dimensions instead of 4"):
            await server.embedder().embed_documents(["fox"])


class TestQuery:
    async def test_carries_the_prompt_of_the_model(self) -> None:
        server = FakeOllama("snowflake-arctic-embed2")
        vectors = await server.embedder("snowflake-arctic-embed2").embed_queries(["the fox", "a"])
        assert vectors.shape == (2, 3)
        assert [body["input"] for body in server.bodies] == [["query: the fox", "query: a"]]

    async def test_is_refused_rather_than_cut(self, server: FakeOllama) -> None:
        with pytest.raises(TextTooLong, match="9 tokens"):
            await server.embedder().embed_queries(["fox " * 9])

    async def test_that_is_long_carries_the_prompt_in_each_window(self) -> None:
        server = FakeOllama("snowflake-arctic-embed2")
        embedder = server.embedder("snowflake-arctic-embed2")
        embedded = await embed_query(embedder, "the fox runs " * 5)
        assert embedded.windows == 4  # The prompt leaves 6 tokens of 8.
        (body,) = server.bodies
        assert len(body["input"]) == 4
        assert all(text.startswith("query: ") for text in body["input"])
        assert " ".join(text.removeprefix("query: ") for text in body["input"]) == (
            "the fox runs " * 5
        ).rstrip(" ")

    async def test_may_hold_a_lone_surrogate(self, server: FakeOllama) -> None:
        await server.embedder().embed_queries(["fox \ud800"])
        assert server.bodies[0]["input"] == ["fox ?"]


class TestFailures:
    @pytest.mark.parametrize(
        ("status", "error", "expected"),
        [
            (404, 'model "tiny" not found, try pulling it first', ModelMissing),
            (404, "404 page not found", EmbedderUnavailable),
            (400, "the input length exceeds the context length", EmbedderUnavailable),
            (400, "this model does not support embeddings", ModelMissing),
            (503, "server busy, please try again. maximum pending requests", EmbedderUnavailable),
            (429, "too many requests", EmbedderUnavailable),
            (500, "failed to encode response: json: unsupported value: NaN", EmbedderUnavailable),
            (500, "llama runner process has terminated", EmbedderUnavailable),
            (302, "", EmbedderUnavailable),
            (401, "", EmbedderUnavailable),
        ],
    )
    async def test_status_has_a_meaning(
        self, server: FakeOllama, status: int, error: str, expected: type[Exception]
    ) -> None:
        server.refuse("/api/embed", status, error)
        with pytest.raises(expected):
            await server.embedder().embed_queries(["fox"])

    async def test_text_that_crashes_the_model_is_not_waited_for(self, server: FakeOllama) -> None:
        with pytest.raises(BadEmbedding, match="terminated; it embeds other texts"):
            await _crashing(server, 500, "poison").embed_documents(["fox", "poison"])

    @pytest.mark.parametrize(("status", "word"), [(500, ""), (503, "poison")])
    async def test_server_that_fails_on_all_or_is_busy_is_waited_for(
        self, server: FakeOllama, status: int, word: str
    ) -> None:
        with pytest.raises(EmbedderUnavailable):
            await _crashing(server, status, word).embed_documents(["fox", "poison"])

    @pytest.mark.parametrize(
        "content",
        [b"<html>", b"[1]", b"\xff", b"[" * 100_000, b'{"models": {}}', b'{"models": [1]}'],
    )
    async def test_strange_answer_is_no_crash(self, server: FakeOllama, content: bytes) -> None:
        server.answers["/api/tags"] = lambda: answer(200, content)
        with pytest.raises((EmbedderUnavailable, ModelMissing)):
            await server.embedder().check()

    async def test_answer_without_end_is_given_up(
        self, server: FakeOllama, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("mirage.embed.ollama._TAGS_BYTES", 100)
        server.answers["/api/tags"] = lambda: answer(200, b" " * 101)
        with pytest.raises(EmbedderUnavailable, match="more than 100 bytes"):
            await server.embedder().check()

    @pytest.mark.parametrize(
        ("error", "sentence"),
        [
            (httpx.ConnectError("refused"), "cannot be reached"),
            (httpx.ReadTimeout("slow"), "did not answer in 300 seconds"),
            (httpx.ConnectTimeout("dropped"), "accepted no connection in 1.5 seconds"),
            (httpx.RemoteProtocolError("gone"), "cannot be reached"),
        ],
    )
    async def test_broken_connection_is_waited_for(
        self, error: httpx.HTTPError, sentence: str
    ) -> None:
        def broken(request: httpx.Request) -> httpx.Response:
            raise error

        embedder = OllamaEmbedder(
            Ollama(model="tiny"), Embedding(), transport=httpx.MockTransport(broken)
        )
        with pytest.raises(EmbedderUnavailable, match=sentence):
            await embedder.check()


def _crashing(server: FakeOllama, status: int, word: str) -> OllamaEmbedder:
    """Ends with that status on each request that holds the word."""

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/embed" and word in request.content.decode():
            return answer(status, {"error": "llama runner process has terminated"})
        return server(request)

    return OllamaEmbedder(Ollama(model="tiny"), Embedding(), transport=httpx.MockTransport(reply))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("all-minilm", "registry.ollama.ai/library/all-minilm:latest"),
        ("all-minilm:22m", "registry.ollama.ai/library/all-minilm:22m"),
        ("someone/Model", "registry.ollama.ai/someone/model:latest"),
        ("host:5055/library/all-minilm", "host:5055/library/all-minilm:latest"),
    ],
)
def test_canonical_name_spells_everything_out(name: str, expected: str) -> None:
    assert canonical_model(name) == expected


@pytest.mark.parametrize(
    ("token", "header"),
    [
        ("abc.DEF-1", "Bearer abc.DEF-1"),
        ("user:password", "Basic dXNlcjpwYXNzd29yZA=="),
        (None, None),
    ],
)
async def test_token_is_sent_as_the_server_wants_it(
    server: FakeOllama, token: str | None, header: str | None
) -> None:
    ollama = Ollama(model="tiny", token=SecretStr(token) if token else None)
    embedder = OllamaEmbedder(ollama, Embedding(), transport=httpx.MockTransport(server))
    await embedder.facts()
    assert server.authorization == header
