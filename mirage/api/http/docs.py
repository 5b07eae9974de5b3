"""Renders the API description as one page, without scripts or external files."""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from mirage.api.http.openapi import operations

router = APIRouter(include_in_schema=False)

Json = Mapping[str, Any]

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: .9em/1.4 ui-monospace, monospace; }
pre.text { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
pre { overflow-x: auto; padding: .6rem; background: #8882; border-radius: .3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0;
  border-bottom: 1px solid #8884; }
details { border: 1px solid #8884; border-radius: .3rem; padding: .4rem .8rem; margin: .4rem 0; }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 4.5rem; }
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_REFERENCE = "#/components/schemas/"
_LIMITS = {
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "maxItems": "at most {} items",
    "default": "default {}",
}


@router.get("/docs")
async def show(request: Request) -> HTMLResponse:
    """Show the page. It is rendered once, because that takes 20 ms."""
    state = request.app.state
    if not hasattr(state, "page"):
        state.page = render(request.app.openapi())
    return HTMLResponse(state.page, headers=HEADERS)


@router.get("/redoc")
async def redirect() -> Response:
    """Redirect to the page, with a relative address because only a proxy knows the path prefix."""
    return Response(status_code=308, headers={"Location": "docs"})


def render(description: Json) -> str:
    """Return an OpenAPI document as HTML."""
    info = description["info"]
    by_tag: dict[str, list[str]] = {}
    for method, path, operation in operations(dict(description)):
        tag = operation.get("tags", ["other"])[0]
        by_tag.setdefault(tag, []).append(_operation(method, path, operation))
    schemas = description["components"]["schemas"]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(info['title'])} API</title><style>{STYLE}</style></head><body>",
            f"<h1>{escape(info['title'])} API <small>{escape(info['version'])}</small></h1>",
            f"<p>{_prose(info.get('summary', ''))} For programs:"
            ' <a href="openapi.json">openapi.json</a>.</p>',
            *_ways_in(description),
            *(
                f"<h2>{escape(tag.capitalize())}</h2>\n" + "\n".join(shown)
                for tag, shown in by_tag.items()
            ),
            "<h2>Schemas</h2>",
            *(_schema(name, schema) for name, schema in sorted(schemas.items())),
            "</body></html>\n",
        ]
    )


def _ways_in(description: Json) -> Iterator[str]:
    schemes = description["components"].get("securitySchemes", {})
    yield "<h2>Key</h2>"
    yield _table(
        ("Way", ""),
        (
            (f"<code>{escape(n)}</code>", _prose(s.get("description", "")))
            for n, s in schemes.items()
        ),
    )


def _operation(method: str, path: str, operation: Json) -> str:
    anchor = re.sub(r"\W+", "-", f"{method.lower()}{path}").strip("-")
    scopes = sorted({s for way in operation.get("security", []) for x in way.values() for s in x})
    parts = [
        f'<details id="{anchor}"><summary><b>{method}</b> <code>{escape(path)}</code>'
        f" {escape(operation.get('summary', ''))}</summary>",
        *(f"<p>{_prose(part)}</p>" for part in operation.get("description", "").split("\n\n")),
    ]
    if scopes:
        parts.append(f"<p>Needs a key of scope <code>{escape(', '.join(scopes))}</code>.</p>")
    if parameters := operation.get("parameters"):
        parts.append("<h3>Parameters</h3>")
        rows = ((_name(p["name"], p.get("required", False)), _parameter(p)) for p in parameters)
        parts.append(_table(("Name", ""), rows))
    if body := operation.get("requestBody"):
        parts += ["<h3>Body</h3>", *_contents(body["content"])]
    parts.append("<h3>Answers</h3>")
    for status, answer in operation["responses"].items():
        parts.append(f"<h4>{escape(status)}</h4><p>{_prose(answer.get('description', ''))}</p>")
        parts += _contents(answer.get("content", {}))
    return "\n".join([*parts, "</details>"])


def _parameter(parameter: Json) -> str:
    about = _prose(parameter.get("description", ""))
    return f"{_type(parameter['schema'])}, in the {escape(parameter['in'])}. {about}"


def _contents(contents: Json) -> Iterator[str]:
    for kind, media in contents.items():
        yield f"<p><code>{escape(kind)}</code> {_type(media.get('schema', {}))}</p>"
        if "example" in media:
            example = media["example"]
            shown = example if isinstance(example, str) else _pretty(example)
            yield f"<pre>{escape(shown)}</pre>"


def _schema(name: str, schema: Json) -> str:
    required = set(schema.get("required", ()))
    rows = (
        (_name(field, field in required), f"{_type(about)}. {_prose(about.get('description', ''))}")
        for field, about in schema.get("properties", {}).items()
    )
    body = _table(("Field", ""), rows) if "properties" in schema else _type(schema)
    about = _prose(schema.get("description", ""))
    return (
        f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        f"<p>{about}</p>{body}</details>"
    )


def _type(schema: Json) -> str:
    """Describe a type in words, with a link if the schema has a name."""
    if "$ref" in schema:
        name = escape(schema["$ref"].removeprefix(_REFERENCE))
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        words = " or ".join(_type(choice) for choice in schema["anyOf"])
    elif "enum" in schema:
        words = " or ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    elif schema.get("type") == "array":
        words = f"list of {_type(schema.get('items', {}))}"
    else:
        words = escape(" ".join(str(schema.get(key, "")) for key in ("type", "format")).strip())
    limits = [
        escape(text.format(json.dumps(schema[key])))
        for key, text in _LIMITS.items()
        if schema.get(key) is not None
    ]
    return ", ".join([words, *limits])


def _name(name: str, required: bool) -> str:
    return f"<code>{escape(name)}</code>" + (" (required)" if required else "")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; cells are HTML."""
    first = "".join(f"<th>{cell}</th>" for cell in head)
    rest = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{first}</tr>{rest}</table>"


def _prose(text: str) -> str:
    """Return the text as HTML, with backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
