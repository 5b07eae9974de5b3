import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from mirage.config import Embedding, OpenAI
from mirage.embed.openai import OpenAIEmbedder
from mirage.errors import (
    BadEmbedding,
    ConfigError,
    EmbedderUnavailable,
    MirageError,
    ModelMissing,
    TextTooLong,
)
from mirage.search.query_vector import embed_query

KEY = "sk-very-secret"
TEI = {"model_id": "BAAI/bge-m3", "model_sha": "5617a9f6", "max_input_length": 100}


def answer(status: int, content: bytes | dict[str, Any] | list[Any]) -> httpx.Response:
    """A response that is still to be read, as one from a network is."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return httpx.Response(status, stream=httpx.ByteStream(raw))


class FakeServer:
    """The server's side of the conversation; what it answers can be replaced by path.

    A vector is the length of its text, 1 and 0; they come in the reverse order of the texts.
    """

    def __init__(self) -> None:
        self.models: dict[str, Any] = {"id": "tiny", "object": "model", "created": 1}
        self.info: dict[str, Any] | None = None
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[httpx.Headers] = []
        self.paths: list[str] = []
        self.answers: dict[str, Callable[[list[str]], httpx.Response | None]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.paths.append(path)
        self.headers.append(request.headers)
        body = json.loads(request.content) if request.content else {}
        texts = body.get("input", body.get("inputs", []))
        if path in self.answers and (replaced := self.answers[path](texts)) is not None:
            return replaced
        if path == "/v1/models":
            return answer(200, {"object": "list", "data": [self.models]})
        if path == "/info":
            return answer(404, b"not found") if self.info is None else answer(200, self.info)
        self.bodies.append(body)
        if path == "/embed":
            return answer(200, [[len(text), 1, 0] for text in texts])
        data = [{"index": at, "embedding": [len(text), 1, 0]} for at, text in enumerate(texts)]
        return answer(200, {"data": data[::-1], "usage": {"prompt_tokens": 1}})

    def refuse(self, status: int, content: Any, texts: Callable[[list[str]], bool]) -> None:
        """Refuse the requests whose texts are such."""

        def reply(given: list[str]) -> httpx.Response | None:
            return answer(status, content) if texts(given) else None

        self.answers["/v1/embeddings"] = reply

    def embedder(self, **openai: Any) -> OpenAIEmbedder:
        settings = OpenAI(**({"url": "http://tei:8080", "model": "tiny"} | openai))
        return OpenAIEmbedder(
            settings, Embedding(batch_tokens=4096), transport=httpx.MockTransport(self)
        )


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


def openai_error(message: str, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": code}}


def _base64(numbers: list[float]) -> str:
    return base64.b64encode(np.array(numbers, "<f4").tobytes()).decode()


class TestFacts:
    async def test_of_an_unknown_model_are_measured_and_cautious(self, server: FakeServer) -> None:
        facts = await server.embedder().facts()
        assert (facts.name, facts.dimensions, facts.max_tokens) == ("tiny", 3, 510)
        assert (facts.query_prompt, facts.document_prompt, facts.languages) == ("", "", ())

    async def test_take_limit_and_true_name_from_vllm(self, server: FakeServer) -> None:
        server.models |= {"root": "intfloat/multilingual-e5-large", "max_model_len": 128}
        facts = await server.embedder().facts()
        assert (facts.max_tokens, facts.document_prompt) == (126, "passage: ")

    async def test_take_limit_and_true_name_from_tei(self, server: FakeServer) -> None:
        server.info = TEI
        facts = await server.embedder().facts()
        assert (facts.max_tokens, facts.languages) == (98, ("*",))

    async def test_take_the_limit_of_the_table_where_the_server_tells_none(
        self, server: FakeServer
    ) -> None:
        server.models["id"] = "all-minilm"
        assert (await server.embedder(model="all-minilm").facts()).max_tokens == 254

    @pytest.mark.parametrize(("configured", "limit"), [(8192, 8190), (64, 62)])
    async def test_take_the_limit_of_the_settings(
        self, server: FakeServer, configured: int, limit: int
    ) -> None:
        assert (await server.embedder(max_tokens=configured).facts()).max_tokens == limit

    async def test_digest_is_the_same_after_a_restart(self, server: FakeServer) -> None:
        before = await server.embedder().facts()
        server.models["created"] = 2
        assert (await server.embedder().facts()).digest == before.digest

    @pytest.mark.parametrize(
        ("models", "info"),
        [
            ({"root": "other/model"}, None),
            ({"meta": {"n_params": 7, "size": 9}}, None),
            ({}, TEI),
            ({}, TEI | {"model_sha": "another"}),
        ],
    )
    async def test_digest_changes_with_the_model(
        self, server: FakeServer, models: dict[str, Any], info: dict[str, Any] | None
    ) -> None:
        seen = {(await server.embedder().facts()).digest}
        if info and info["model_sha"] != TEI["model_sha"]:
            server.info = TEI
            seen.add((await server.embedder().facts()).digest)
        server.models |= models
        server.info = info
        assert (await server.embedder().facts()).digest not in seen

    @pytest.mark.parametrize("path", ["/v1/models", "/info"])
    async def test_wait_for_a_server_that_cannot_say_now(
        self, server: FakeServer, path: str
    ) -> None:
        server.answers[path] = lambda _: answer(503, b"loading")
        with pytest.raises(EmbedderUnavailable, match="503"):
            await server.embedder().facts()

    @pytest.mark.parametrize("reply", [(404, b""), (401, b""), (200, b"<html>"), (405, b"")])
    async def test_need_no_info(self, server: FakeServer, reply: tuple[int, bytes]) -> None:
        server.answers["/info"] = lambda _: answer(*reply)
        assert (await server.embedder().facts()).dimensions == 3

    async def test_need_no_list_of_models(self, server: FakeServer) -> None:
        server.answers["/v1/models"] = lambda _: answer(404, b"")
        assert (await server.embedder().facts()).dimensions == 3

    async def test_survive_nonsense(self, server: FakeServer) -> None:
        server.models = {"id": "tiny", "max_model_len": "many", "meta": 3, "root": [1]}
        server.info = {"max_input_length": "x", "model_id": 3}
        assert (await server.embedder().facts()).max_tokens == 510

    async def test_miss_a_model_where_the_server_has_one_other(self, server: FakeServer) -> None:
        server.models["id"] = "other"
        with pytest.raises(ModelMissing, match="does not have the model tiny; it has other"):
            await server.embedder().facts()

    async def test_believe_a_gateway_that_does_not_list_the_model(self, server: FakeServer) -> None:
        data = [{"id": "chat"}, {"id": "other-chat"}]
        server.answers["/v1/models"] = lambda _: answer(200, {"data": data})
        assert (await server.embedder().facts()).dimensions == 3

    async def test_of_another_model_come_from_the_same_server(self, server: FakeServer) -> None:
        embedder = server.embedder(key=KEY)
        other = embedder.for_model("other")
        assert embedder.for_model("other") is other
        assert embedder.for_model("tiny") is embedder
        server.models["id"] = "other"
        await other.embed_queries(["the fox"])
        assert server.bodies[-1]["model"] == "other"
        assert server.headers[-1]["Authorization"] == f"Bearer {KEY}"


class TestCheck:
    async def test_costs_no_vector(self, server: FakeServer) -> None:
        embedder = server.embedder()
        await embedder.check()
        server.bodies.clear()
        await embedder.check()
        assert server.bodies == []

    async def test_asks_for_a_vector_where_the_model_is_not_listed(
        self, server: FakeServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data = [{"id": "chat"}, {"id": "other-chat"}]
        server.answers["/v1/models"] = lambda _: answer(200, {"data": data})
        embedder = server.embedder()
        await embedder.check()
        server.refuse(404, openai_error("The model `tiny` does not exist."), lambda _: True)
        await embedder.check()  # It was asked moments ago.
        monkeypatch.setattr("mirage.embed.proof.GOOD_SECONDS", 0.0)
        with pytest.raises(ModelMissing):
            await embedder.check()


class TestDocuments:
    async def test_vectors_come_in_the_order_of_the_texts(self, server: FakeServer) -> None:
        vectors = await server.embedder().embed_documents(["fox", "the fox runs", "the fox"])
        assert [round(float(row[0] / row[1])) for row in vectors] == [3, 12, 7]

    async def test_request_asks_for_numbers(self, server: FakeServer) -> None:
        await server.embedder(dimensions=3).embed_documents(["fox"])
        assert server.bodies[-1] == {
            "model": "tiny",
            "input": ["fox"],
            "encoding_format": "float",
            "dimensions": 3,
        }

    @pytest.mark.parametrize("url", ["http://h/v1", "http://h/v1/", "http://h", "http://h/"])
    async def test_address_may_end_in_v1(self, server: FakeServer, url: str) -> None:
        await server.embedder(url=url).embed_documents(["fox"])
        assert set(server.paths) == {"/v1/models", "/info", "/v1/embeddings"}

    async def test_tei_is_asked_where_it_can_be_told_not_to_cut(self, server: FakeServer) -> None:
        server.info = TEI
        vectors = await server.embedder().embed_documents(["fox", "foxes"])
        assert server.bodies[-1] == {"inputs": ["foxes", "fox"], "truncate": False}
        assert [round(float(row[0] / row[1])) for row in vectors] == [3, 5]

    async def test_vectors_in_base64_are_read(self, server: FakeServer) -> None:
        def reply(texts: list[str]) -> httpx.Response:
            numbers = np.array([3, 4, 0], "<f4").tobytes()
            item = {"index": 0, "embedding": base64.b64encode(numbers).decode()}
            return answer(200, {"data": [item] * len(texts)})

        server.answers["/v1/embeddings"] = reply
        vectors = await server.embedder().embed_documents(["fox"])
        assert vectors[0].tolist() == pytest.approx([0.6, 0.8, 0])

    async def test_prompts_are_those_of_the_model(self, server: FakeServer) -> None:
        server.models["root"] = "nomic-ai/nomic-embed-text-v1.5"
        embedder = server.embedder()
        await embedder.embed_documents(["fox"])
        await embedder.embed_queries(["fox"])
        asked = [body["input"] for body in server.bodies[-2:]]
        assert asked == [["search_document: fox"], ["search_query: fox"]]

    async def test_counted_as_too_long_is_refused_before_the_request(
        self, server: FakeServer
    ) -> None:
        embedder = server.embedder(max_tokens=16)
        await embedder.facts()
        server.bodies.clear()
        with pytest.raises(TextTooLong, match="15 tokens; tiny takes 14") as refused:
            await embedder.embed_documents(["fox", "fox " * 15])
        assert refused.value.positions == (1,)
        assert server.bodies == []

    @pytest.mark.parametrize("limit", [1, 3, 8])
    async def test_batches_shrink_to_what_the_server_takes(
        self, server: FakeServer, limit: int
    ) -> None:
        message = f"batch size 20 > maximum allowed batch size {limit}"
        server.refuse(422, {"message": message, "code": 422}, lambda texts: len(texts) > limit)
        embedder = server.embedder()
        vectors = await embedder.embed_documents(["the fox runs"] * 20)
        assert vectors.shape == (20, 3)
        refused = len(server.paths)
        await embedder.embed_documents(["the fox runs"] * limit)
        assert server.paths[refused:].count("/v1/embeddings") <= 2

    async def test_batches_begin_with_what_tei_takes(self, server: FakeServer) -> None:
        server.info = TEI | {"max_client_batch_size": 4}
        await server.embedder().embed_documents(["fox"] * 10)
        assert [len(body["inputs"]) for body in server.bodies[1:]] == [4, 4, 2]

    async def test_queries_go_together_as_many_as_tei_takes(self, server: FakeServer) -> None:
        server.info = TEI | {"max_client_batch_size": 4}
        embedder = server.embedder()
        await asyncio.gather(*(embedder.embed_queries(["fox"]) for _ in range(8)))
        assert {len(body["inputs"]) for body in server.bodies[1:]} <= {1, 3, 4}
        assert sum(len(body["inputs"]) for body in server.bodies[1:]) == 8

    @pytest.mark.parametrize(
        "content",
        [
            openai_error("This model's maximum context length is 62 tokens"),
            openai_error("array too long. Expected an array with maximum length 2"),
        ],
    )
    async def test_windows_of_a_query_may_need_several_requests(
        self, server: FakeServer, content: Any
    ) -> None:
        server.refuse(400, content, lambda texts: len(texts) > 2)
        embedded = await embed_query(server.embedder(max_tokens=64), "whales, foxes " * 40)
        assert embedded.windows == 4
        assert [len(body["input"]) for body in server.bodies[1:]] == [2, 2]

    async def test_together_too_long_are_sent_in_smaller_batches(self, server: FakeServer) -> None:
        content = openai_error("This model's maximum context length is 512 tokens")
        server.refuse(400, content, lambda texts: len(texts) > 2)
        assert (await server.embedder().embed_documents(["fox"] * 8)).shape == (8, 3)

    async def test_refused_as_too_large_alone_is_a_text_too_long(self, server: FakeServer) -> None:
        server.refuse(413, b"<h1>413 Request Entity Too Large</h1>", lambda t: "big" in t)
        with pytest.raises(TextTooLong) as refused:
            await server.embedder().embed_documents(["fox", "big", "the"])
        assert refused.value.positions == (1,)

    async def test_are_refused_when_the_model_was_replaced_meanwhile(
        self, server: FakeServer
    ) -> None:
        embedder = server.embedder()
        await embedder.facts()
        server.models["root"] = "other"
        with pytest.raises(EmbedderUnavailable, match="was replaced"):
            await embedder.embed_documents(["fox"])


class TestTextTooLong:
    @pytest.mark.parametrize(
        ("status", "content"),
        [
            (413, {"message": "`inputs` must have less than 512 tokens. Given: 785"}),
            (422, {"message": "`inputs` must have less than 512 tokens. Given: 785"}),
            (400, {"object": "error", "message": "This model's maximum context length is 512"}),
            (400, openai_error("resulting in a maximum input length of 8192 tokens.")),
            (400, openai_error("The prompt is longer than the maximum model length of 512.")),
            (400, openai_error("too many tokens", "context_length_exceeded")),
            (500, openai_error("input is too large to process. increase the physical batch size")),
            (400, openai_error("the request exceeds the available context size")),
            (400, openai_error("litellm.ContextWindowExceededError: too long")),
            (400, {"error": "the input length exceeds the context length"}),
        ],
    )
    async def test_is_told_by_position_whatever_the_server_calls_it(
        self, server: FakeServer, status: int, content: Any
    ) -> None:
        server.refuse(status, content, lambda texts: "long" in texts)
        embedder = server.embedder()
        with pytest.raises(TextTooLong) as refused:
            await embedder.embed_documents(["fox", "long", "the"])
        assert refused.value.positions == (1,)
        with pytest.raises(TextTooLong):
            await embedder.embed_queries(["long"])


class TestFailures:
    @pytest.mark.parametrize(
        ("status", "content", "expected"),
        [
            (404, openai_error("The model `tiny` does not exist."), ModelMissing),
            (404, openai_error('model "tiny" not found, try pulling it first'), ModelMissing),
            (400, openai_error("no", "model_not_found"), ModelMissing),
            (400, openai_error("Invalid model name passed in model=tiny"), ModelMissing),
            (400, openai_error("The model does not support Embeddings API"), ModelMissing),
            (501, openai_error("This server does not support embeddings."), ModelMissing),
            (404, {"detail": "Not Found"}, EmbedderUnavailable),
            (429, {"message": "Model is overloaded"}, EmbedderUnavailable),
            (500, openai_error("CUDA out of memory"), EmbedderUnavailable),
            (502, b"<html>bad gateway", EmbedderUnavailable),
            (503, b"", EmbedderUnavailable),
            (400, openai_error("unknown field encoding_format"), EmbedderUnavailable),
            (401, b"", EmbedderUnavailable),
            (302, b"", EmbedderUnavailable),
            (200, b"<html>", EmbedderUnavailable),
            (200, b"[]", EmbedderUnavailable),
        ],
    )
    async def test_status_has_a_meaning(
        self, server: FakeServer, status: int, content: Any, expected: type[MirageError]
    ) -> None:
        embedder = server.embedder()
        await embedder.facts()
        server.refuse(status, content, lambda _: True)
        for asked in (embedder.embed_queries(["fox"]), embedder.embed_documents(["fox", "the"])):
            with pytest.raises(expected):
                await asked

    @pytest.mark.parametrize("status", [400, 422, 424, 500])
    async def test_text_that_alone_is_refused_is_not_waited_for(
        self, server: FakeServer, status: int
    ) -> None:
        server.refuse(status, openai_error("no"), lambda texts: "poison" in texts)
        with pytest.raises(BadEmbedding, match="no; it embeds other texts"):
            await server.embedder().embed_documents(["fox", "poison"])

    @pytest.mark.parametrize("row", [None, [], [0, 0, 0], [1, 0], ["1", "0", "0"], "no base64"])
    async def test_text_that_alone_gets_no_vector_is_not_waited_for(
        self, server: FakeServer, row: Any
    ) -> None:
        content = {"data": [{"index": 0, "embedding": row}]}
        server.refuse(200, content, lambda texts: "poison" in texts)
        with pytest.raises(BadEmbedding, match="it embeds other texts"):
            await server.embedder().embed_documents(["poison"])

    async def test_text_that_never_ends_is_not_waited_for(self, server: FakeServer) -> None:
        def reply(texts: list[str]) -> None:
            if "endless" in texts:
                raise httpx.ReadTimeout("slow")

        server.answers["/v1/embeddings"] = reply
        with pytest.raises(
            BadEmbedding, match="did not answer in 300 seconds; it embeds other texts"
        ):
            await server.embedder().embed_documents(["endless"])

    async def test_server_that_answers_nothing_is_waited_for(self, server: FakeServer) -> None:
        def reply(texts: list[str]) -> None:
            raise httpx.ReadTimeout("slow")

        embedder = server.embedder()
        await embedder.facts()
        server.answers["/v1/embeddings"] = reply
        with pytest.raises(EmbedderUnavailable):
            await embedder.embed_documents(["fox"])

    @pytest.mark.parametrize(
        "data",
        [
            None,
            [],
            [{"index": 0, "embedding": [1, 0, 0]}] * 2,
            [{"index": at, "embedding": [1, 0, 0]} for at in (1, 2)],
            [{"index": at, "embedding": [1, 0, 0]} for at in (True, 0)],
            [{"index": at, "embedding": [1, 0]} for at in range(2)],
            [{"index": at, "embedding": [0, 0, 0]} for at in range(2)],
            [{"index": at, "embedding": [1, None, 0]} for at in range(2)],
            [{"index": at, "embedding": ["1", "0", "0"]} for at in range(2)],
            [{"index": at, "embedding": [True, 0.5, 0]} for at in range(2)],
            [{"index": at, "embedding": [float("nan"), 1, 0]} for at in range(2)],
            [{"index": at, "embedding": [1, 0, 0, 0]} for at in range(2)],
            [{"index": at, "embedding": None} for at in range(2)],
            [{"index": at, "embedding": _base64([float("nan"), 1, 0])} for at in range(2)],
            [{"index": at, "embedding": "no base64"} for at in range(2)],
            [{"index": at, "embedding": "AAAA"} for at in range(2)],
            [{"index": at} for at in range(2)],
            [3, 4],
        ],
    )
    @pytest.mark.slow
    async def test_answer_that_is_not_a_vector_per_text_is_refused(
        self, server: FakeServer, data: Any
    ) -> None:
        embedder = server.embedder()
        await embedder.facts()
        server.answers["/v1/embeddings"] = lambda _: answer(200, {"data": data})
        for texts in (["fox", "the"], ["fox"]):
            with pytest.raises(EmbedderUnavailable):
                await embedder.embed_documents(texts)
        server.answers.clear()
        assert (await embedder.embed_documents(["fox", "the"])).shape == (2, 3)

    async def test_server_that_forgets_texts_of_a_batch_is_no_reason_to_wait(
        self, server: FakeServer
    ) -> None:
        embedder = server.embedder()
        await embedder.facts()
        data = [{"index": 0, "embedding": [1, 0, 0]}]
        server.answers["/v1/embeddings"] = lambda _: answer(200, {"data": data})
        with pytest.raises(BadEmbedding, match="1 vectors for 2 texts; it embeds other texts"):
            await embedder.embed_documents(["fox", "the"])
        assert (await embedder.embed_documents(["fox"])).shape == (1, 3)

    async def test_number_that_is_not_finite_is_refused(self, server: FakeServer) -> None:
        embedder = server.embedder()
        await embedder.facts()
        raw = b'{"data": [{"index": 0, "embedding": [1e999, 0, 0]}]}'
        server.answers["/v1/embeddings"] = lambda _: answer(200, raw)
        with pytest.raises(EmbedderUnavailable, match="not finite"):
            await embedder.embed_documents(["fox"])


class TestKey:
    async def test_is_sent_in_its_header_only(self, server: FakeServer) -> None:
        await server.embedder(key=KEY).embed_documents(["fox"])
        assert {headers["Authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
        assert KEY not in str(server.bodies)

    async def test_none_is_sent_where_none_is_set(self, server: FakeServer) -> None:
        await server.embedder().facts()
        assert all("Authorization" not in headers for headers in server.headers)

    @pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
    async def test_stands_in_no_error_though_the_server_repeats_it(
        self, server: FakeServer, status: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        server.refuse(status, openai_error(f"you sent Bearer {KEY}"), lambda _: True)
        with pytest.raises(MirageError) as failed:
            await server.embedder(key=KEY).facts()
        assert KEY not in f"{failed.value!r} {failed.value.__cause__!r} {caplog.text}"

    @pytest.mark.parametrize("key", ["with space", "line\nbreak", "клюЧ"])
    def test_that_fits_no_header_is_refused_without_being_shown(self, key: str) -> None:
        with pytest.raises(ValueError, match="the key contains a space") as refused:
            OpenAI(key=key)
        assert key not in str(refused.value)


@pytest.mark.parametrize(("missing", "name"), [("url", "URL"), ("model", "MODEL")])
def test_setting_that_is_missing_is_named(server: FakeServer, missing: str, name: str) -> None:
    with pytest.raises(ConfigError, match=f"MIRAGE_OPENAI_{name} is not set"):
        server.embedder(**{missing: None})
