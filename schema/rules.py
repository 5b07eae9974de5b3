"""Rules for texts that a JSON type cannot express, each with a sentence for people.

Helm reports a broken pattern as the regular expression. So `values.schema.json` has no patterns:
`normalise` removes them, and the template that `tree` and `RULES` generate checks them in the chart
(templates/validate/_rules.tpl). A rule also has examples of both kinds, for the tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

RULE = "x-rule"
"""Keyword of a JSON schema that names the rule of a text."""
QUOTED = "x-quoted"
"""Keyword for a text that people forget to quote; the chart then says so instead of the schema."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern (RE2), and how to obey it: a sentence that begins with a verb.

    The value of a `secret` is never shown.
    """

    pattern: str
    remedy: str
    valid: tuple[str, ...]
    invalid: tuple[str, ...]
    secret: bool = False


_DNS = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_DOMAIN = rf"{_DNS}(\.{_DNS})*"
_PATH_PART = r"[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*"
_QUALIFIED = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_UNIT = r"([KMGTPE]i|[kMGTPE])"
_TAG = r"[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}"
_IPV6 = r"[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(%[a-z0-9]+)?"
_AUTHORITY = rf"([A-Za-z0-9._-]+|\[{_IPV6}\])(:[0-9]{{1,5}})?"
_CIDR = rf"([0-9]{{1,3}}(\.[0-9]{{1,3}}){{3}}/[0-9]{{1,2}}|{_IPV6}/[0-9]{{1,3}})"

RULES = {
    "name": Rule(
        rf"^{_DOMAIN}$",
        "name a Kubernetes object with a-z, 0-9, '-' and '.', such as my-secret",
        ("my-secret", "a", "gp3", "nfs.example.org", "0"),
        ("My_Secret", "-a", "a.", "a b", "ä", ""),
    ),
    "prefix": Rule(
        r"^([a-z]([-a-z0-9]*[a-z0-9])?)?$",
        "begin with a letter and use only a-z, 0-9 and '-', such as rag",
        ("rag", "my-rag", ""),
        ("Rag", "1rag", "rag-", "rag.eu", "rag_1"),
    ),
    "registry": Rule(
        rf"^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{{1,5}})?(/{_PATH_PART})*)?$",
        "give a registry without scheme, such as ghcr.io or registry.example.org:5000",
        ("ghcr.io", "localhost:5000", "registry.example.org/mirror", ""),
        ("https://ghcr.io", "ghcr.io/", "ghcr io", "ghcr.io:port", "user@ghcr.io"),
    ),
    "repository": Rule(
        rf"^{_PATH_PART}(/{_PATH_PART})*$",
        "give a repository in lower case, without registry port, tag or digest, such as "
        "team/mirage",
        ("mirage", "team/mirage", "a/b/c.d_e"),
        ("Team/mirage", "team/mirage:1.0", "/mirage", "mirage/", "team//mirage", "a@sha256:0", ""),
    ),
    "tag": Rule(
        rf"^{_TAG}$",
        "give a tag without ':' and digest, such as 1.2.3",
        ("1.2.3", "latest", "v1", "0.8.5-pg16"),
        (":1.2", "1.2 ", "a/b", "-1", "sha256:00", "1.2+build", ""),
    ),
    "tag or empty": Rule(
        rf"^({_TAG})?$",
        "give a tag without ':' and digest, such as 1.2.3, or leave it empty",
        ("1.2.3", ""),
        (":1.2", "1.2 ", "a/b", "1.2+build"),
    ),
    "digest": Rule(
        r"^(sha256:[0-9a-f]{64})?$",
        "give the digest as sha256: and 64 hexadecimal digits",
        (f"sha256:{'0a' * 32}", ""),
        ("sha256:0a", f"{'0a' * 32}", f"sha256:{'0A' * 32}", "latest"),
    ),
    "quantity": Rule(
        # Kubernetes also takes a sign, which makes no sense for anything here.
        r"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?$",
        "give a Kubernetes quantity without blanks, such as 512Mi, 2Gi, 500m or 1.5",
        ("512Mi", "2Gi", "1G", "500m", "1", "1.5", "1e9"),
        ("512MB", "512 Mi", "512mb", "1,5Gi", "-1", "half", "2gb", "1 GiB", ""),
    ),
    "schedule": Rule(
        r"^(@[a-z]+|\S+( \S+){4})$",
        "give a schedule as cron writes it, such as '0 2 * * *' or @daily",
        ("0 2 * * *", "@daily", "*/15 1-5 * * MON"),
        ("", "daily", "* * *", "0 2 * * * *", "0  2 * * *"),
    ),
    "duration": Rule(
        r"^[1-9][0-9]*(ms|s|m|h)$",
        "give a time with a unit, such as 30s or 1m",
        ("30s", "1m", "500ms"),
        ("30", "0s", "30 s", "1min", "half", ""),
    ),
    "size": Rule(
        rf"^([1-9][0-9]*(\.[0-9]+)?|0\.[0-9]*[1-9][0-9]*){_UNIT}$",
        "give a size above 0 with a unit and without blanks, such as 10Gi",
        ("10Gi", "1.5Ti", "500M", "0.5Gi"),
        ("0", "0Gi", "10GB", "10 Gi", "10gi", "ten", "-1Gi", "10", "500m", ""),
    ),
    "host": Rule(
        rf"^(\*\.)?{_DOMAIN}$|^$",
        "give a host name in lower case, without scheme, port, path or blank, such as "
        "mirage.example.org",
        ("mirage.example.org", "*.example.org", "localhost", ""),
        ("https://mirage.example.org", "mirage.example.org:443", "mirage.example.org/rag",
         "mirage example.org", "Mirage.example.org", "a..b", "-a.org", "a_b.org"),
    ),
    "server": Rule(
        rf"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?|{_IPV6}|\[{_IPV6}\])$|^$",
        "give a host name or IP address without scheme, port, credentials or blank, such as "
        "db.example.org; a port belongs in externalDatabase.port",
        ("db.example.org", "10.0.0.7", "fd00::1", "[fd00::1]", "db", ""),
        ("db.example.org:5432", "postgresql://db", "db example", "user@db", "db/name", "a,b"),
    ),
    "address": Rule(
        rf"^https?://{_AUTHORITY}(/[^\s@?#]*)?$",
        "give an address such as http://gpu-box.example.org:11434, without blanks and credentials; "
        "keys and tokens belong under auth",
        ("http://gpu-box.example.org:11434", "https://tei.models", "http://[fd00::1]:8080/v1"),
        ("gpu-box:11434", "http://", "http://user:password@gpu-box", "ftp://gpu-box",
         "http://gpu box", "http://gpu-box:port", "http://gpu-box?key=secret"),
    ),
    "endpoint": Rule(
        rf"^https?://{_AUTHORITY}/?$",
        "give the address of an S3 server such as https://s3.example.org:9000, without bucket, "
        "path and credentials; keys belong under auth",
        ("https://s3.example.org:9000", "http://minio.storage", "https://s3.amazonaws.com/"),
        ("s3.example.org", "https://key:secret@s3", "https://s3/bucket", "s3://bucket",
         "https://s 3", ""),
    ),
    "bucket": Rule(
        r"^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$",
        "give the name of a bucket without address and path, such as mirage-originals",
        ("mirage-originals", "a.b", "abc"),
        ("s3://originals", "team/originals", "a", "my bucket", "-originals", ""),
    ),
    "object prefix": Rule(
        r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",
        "give a path in the bucket without '/' at its ends, such as team/mirage",
        ("mirage", "team/mirage", "a_b/c.d"),
        ("/mirage", "mirage/", "a//b", "../a", "a b", ""),
    ),
    "region": Rule(
        r"^[A-Za-z0-9-]{1,64}$",
        "give the name of a region, such as eu-central-1",
        ("eu-central-1", "us-east-1", "garage"),
        ("eu central", "https://s3", "eu_central_1", ""),
    ),
    "proxy": Rule(
        rf"^http://{_AUTHORITY}/?$|^https://{_AUTHORITY}/?$",
        "give an HTTP proxy such as http://proxy.example.org:3128, without path and credentials; "
        "credentials belong in auth.proxyExistingSecret",
        ("http://proxy.example.org:3128", "https://proxy"),
        ("proxy:3128", "socks5://proxy:1080", "http://user:password@proxy:3128",
         "http://proxy/path"),
    ),
    "model": Rule(
        r"^\S{1,300}$",
        "give the name of a model without blanks, such as mxbai-embed-large",
        ("all-minilm", "BAAI/bge-m3", "registry.example.org:5000/library/all-minilm:latest"),
        ("all minilm", " all-minilm", "all-minilm\n", ""),
    ),
    "folder": Rule(
        r"^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$",
        "give an absolute folder without '.', '..', ':', blanks and a '/' at the end, such as "
        "/data/documents",
        ("/data/documents", "/originals", "/srv/mirage_1/v1.0"),
        ("documents", "/", "/data/", "/data/../etc", "/data/./x", "/data//x", "/da ta", "/a:b",
         "C:\\data", ""),
    ),
    "variable": Rule(
        r"^[-._A-Za-z][-._A-Za-z0-9]*$",
        "give the name of an environment variable, such as HTTP_PROXY",
        ("TZ", "HTTP_PROXY", "http_proxy", "a.b-c"),
        ("1A", "A B", "A=B", ""),
    ),
    "label key": Rule(
        rf"^({_DOMAIN}/)?{_QUALIFIED}$",
        "name labels and annotations as in example.org/team: a domain, '/', and up to 63 of a-z, "
        "A-Z, 0-9, '-', '_' and '.'",
        ("team", "example.org/team", "a.b/C_d"),
        ("example.org/", "/team", "a b", "a/b/c", "-a", "Example.org/team", "ä", ""),
    ),
    "label": Rule(
        rf"^({_QUALIFIED})?$",
        "give a label of up to 63 of a-z, A-Z, 0-9, '-', '_' and '.', with a letter or digit at "
        "both ends",
        ("search", "a_B.c-1", ""),
        ("-search", "search team", "a/b", "a:b", "x" * 64, "ä"),
    ),
    "storage class": Rule(
        rf"^(-|{_DOMAIN})?$",
        "name a storage class, or '-' for none, or leave it empty for the cluster's default class",
        ("gp3", "-", ""),
        ("Standard", "a b", "--", "a_b"),
    ),
    "prefix path": Rule(
        r"^((/[A-Za-z0-9_-][A-Za-z0-9._-]*)+)?$",
        "give a path such as /mirage, with '/' at the beginning and not at the end",
        ("/mirage", "/tools/rag", ""),
        ("mirage", "/", "/mirage/", "//a", "/a b", "/a?b", "/../a"),
    ),
    "key": Rule(
        r"^[-._A-Za-z0-9]+$",
        "give a key of the object's data, such as ca.crt",
        ("ca.crt", "api-key", "uri"),
        ("ca/crt", "ca crt", "ca:crt", ""),
    ),
    "parameter": Rule(
        r"^[A-Za-z_][A-Za-z0-9_.]*$",
        "give the name of a parameter, such as shared_buffers",
        ("shared_buffers", "pg_stat.x"),
        ("shared-buffers", "a b", "a=b", "1a", ""),
    ),
    "cidr": Rule(
        rf"^{_CIDR}$",
        "give a range of addresses such as 10.0.0.0/8",
        ("10.0.0.0/8", "0.0.0.0/0", "fd00::/8"),
        ("10.0.0.0", "10.0/8", "example.org", "10.0.0.0/8 "),
    ),
    "cidrs": Rule(
        rf"^{_CIDR}(, ?{_CIDR})*$",
        "give ranges of addresses separated by commas, such as 10.42.0.0/16",
        ("10.42.0.0/16", "10.42.0.0/16,fd00::/8", "10.0.0.1/32, 10.0.0.2/32"),
        ("10.42.0.1", "10.42.0.0/16;10.43.0.0/16", "10.42.0.0/16,", "proxy", ""),
    ),
    "header": Rule(
        r"^[A-Za-z][A-Za-z0-9-]{0,99}$",
        "give the name of a header, such as X-Forwarded-User",
        ("X-Forwarded-User", "Remote-User"),
        ("X-Forwarded-User:", "X_User", "1-User", "the user", ""),
    ),
    "line": Rule(
        # Any text of one line.
        r"^\P{Cc}*$",
        "remove the line break or other control character (`echo -n` writes none)",
        ("a", "p@ss w%rd", "пароль", ""),
        ("a\nb", "a\n", "a\tb", "\x7f"),
        secret=True,
    ),
    "api key": Rule(
        r"^([^\p{C}\p{Z}]([^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?)?$",
        "use a key that an HTTP header can carry: no line break or other control character "
        "(`echo -n` writes none), and no blank at either end",
        ("key", "key with blanks", "ключ", ""),
        (" key", "key ", "a\nb", "key\n", "a\tb", "\u200b"),
        secret=True,
    ),
    "token": Rule(
        r"^[!-~]*$",
        "use a key that an HTTP header can carry: only ASCII, without blanks and line breaks "
        "(`echo -n` writes none)",
        ("sk-0123", "a.b_c~!", ""),
        ("a b", "ключ", "a\n", "a\nb", "\t"),
        secret=True,
    ),
}  # fmt: skip


def text(rule: str, **more: Any) -> Any:
    """Return the field of a text that obeys the rule of that name."""
    return Field(pattern=RULES[rule].pattern, json_schema_extra={RULE: rule}, **more)


def quoted(rule: str | None = None) -> Any:
    """Return the field of such a text, or of any, that YAML may take for a number or a boolean."""
    if rule is None:
        return Field(json_schema_extra={QUOTED: True})
    return Field(pattern=RULES[rule].pattern, json_schema_extra={RULE: rule, QUOTED: True})


# Rules for texts of Kubernetes' own types.
_KUBERNETES = {
    "Container": {"name": "name"},
    "EnvVar": {"name": "variable"},
    "LocalObjectReference": {"name": "name"},
    "Volume": {"name": "name"},
    "VolumeMount": {"name": "name"},
}


def with_kubernetes(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a normal schema in which types of Kubernetes have rules too."""
    definitions = {name: dict(node) for name, node in schema["definitions"].items()}
    for name, keys in _KUBERNETES.items():
        properties = dict(definitions[name]["properties"])
        for key, rule in keys.items():
            properties[key] = {**properties[key], RULE: rule}
        definitions[name]["properties"] = properties
    definitions["Quantity"] |= {RULE: "quantity", "minimum": 0}
    return {**schema, "definitions": definitions}


def tree(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return which values of a schema have which rule.

    A text has the name of its rule, with `!` in front if it must be quoted; a table has its keys; a
    map or a list has `*` for what it contains, and a map `?` for its names. `$X` refers to the
    definition X.
    """
    definitions = schema["definitions"]
    ruled = {name for name, node in definitions.items() if RULE in str(node)}
    while wider := {
        name
        for name, node in definitions.items()
        if name not in ruled and any(f"#/definitions/{one}'" in str(node) for one in ruled)
    }:
        ruled |= wider
    return {
        "values": _rules(schema, ruled),
        **{name: _rules(definitions[name], ruled) for name in sorted(ruled)},
    }


def _rules(node: Mapping[str, Any], ruled: set[str]) -> Any:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return f"${name}" if name in ruled else None
    if RULE in node or QUOTED in node:
        return f"{'!' if QUOTED in node else ''}{node.get(RULE, '')}"
    parts = {key: _rules(child, ruled) for key, child in node.get("properties", {}).items()}
    for keyword, sign in {"propertyNames": "?", "additionalProperties": "*", "items": "*"}.items():
        if isinstance(node.get(keyword), Mapping):
            parts[sign] = _rules(node[keyword], ruled)
    return {key: part for key, part in parts.items() if part} or None
