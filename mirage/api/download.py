"""A stored file as an answer, whole or in ranges (RFC 9110, section 14)."""

from collections.abc import Mapping
from typing import BinaryIO

from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from mirage.api.problems import problem
from mirage.api.refusals import MalformedRange, RangeNotSatisfiable

_REFUSALS = {400: MalformedRange, 416: RangeNotSatisfiable}


class Download(FileResponse):
    """Starlette's answer, whose refusals of a range are problems.

    It takes an open file and closes it: a path may be gone once the headers were sent.
    """

    def __init__(
        self, file: BinaryIO, status_code: int = 200, *, filename: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(f"/dev/fd/{file.fileno()}", status_code, headers, filename=filename)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal: Message | None = None

        async def watch(message: Message) -> None:
            nonlocal refusal
            if message["type"] == "http.response.start" and message["status"] in _REFUSALS:
                refusal = message
            if refusal is None:
                await send(message)

        with self._file:
            await super().__call__(scope, receive, watch)
        if refusal is None:
            return
        asked = Headers(scope=scope).get("range")
        size = Headers(raw=refusal["headers"]).get("content-range")
        error = _REFUSALS[refusal["status"]](f"Range: {asked!r} is none that this file has")
        await problem(error, {"Content-Range": size} if size else None)(scope, receive, send)
