"""A mistake in the values gives one line that names the key, in every Helm."""

import pytest

from tests.chart.render import SECRETS, refusal, render

OPENAI = (
    "config.embedding.backend=openai",
    "config.openai.url=http://tei:8080",
    "config.openai.model=BAAI/bge-m3",
)


@pytest.mark.parametrize(
    ("mistake", "line"),
    [
        ("ingres.enabled=true", "- at '': additional properties 'ingres' not allowed"),
        ("config.chunk.szie=3", "- at '/config/chunk': additional properties 'szie' not allowed"),
        ("config.api.port=3", "- at '/config': additional properties 'api' not allowed"),
        ("api.replicas=two", "- at '/api/replicas': got string, want null or integer"),
        ("api.replicas=-1", "- at '/api/replicas': minimum: got -1, want 0"),
        ("config.chunk.size=5", "- at '/config/chunk/size': minimum: got 5, want 16"),
        (
            "config.log.level=loud",
            "- at '/config/log/level': value must be one of "
            "'debug', 'info', 'warning', 'error', <nil>",
        ),
        (
            "config.documents.path=x",
            "- at '/config/documents/path': 'x' does not match pattern '^/'",
        ),
        ("ollama.pullModel=yes", "- at '/ollama/pullModel': got string, want boolean"),
        (
            "api.resources.limit.cpu=1",
            "- at '/api/resources': additional properties 'limit' not allowed",
        ),
        (
            "api.tolerations[0].effect=never",
            "- at '/api/tolerations/0/effect': value must be one of "
            "'NoExecute', 'NoSchedule', 'PreferNoSchedule', <nil>",
        ),
        ("auth.apiKey=true", "- at '/auth/apiKey': got boolean, want null or integer or string"),
        ("podAnnotations.x=1", "- at '': additional properties 'podAnnotations' not allowed"),
        ("api.podAnnotations.x=1", "- at '/api/podAnnotations/x': got number, want string"),
    ],
)
def test_schema_says_what_is_wrong_where(mistake: str, line: str, every_helm: str) -> None:
    assert refusal(mistake, helm=every_helm) == [line]


@pytest.mark.parametrize(
    ("sets", "line"),
    [
        (
            ("config.chunk.overlap=400",),
            "config.chunk.overlap (400) is not smaller than config.chunk.size (400): "
            "lower the overlap or raise the size",
        ),
        (
            ("ingress.enabled=true",),
            "ingress.host is not set while ingress.enabled is true: "
            "set it to the host name of the API",
        ),
        (
            ("postgresql.enabled=false", "externalDatabase.host=db"),
            "externalDatabase.password is not set while postgresql.enabled is false: "
            "set it or externalDatabase.existingSecret",
        ),
        (
            ("postgresql.enabled=false", "externalDatabase.password=p"),
            "externalDatabase.host is not set while postgresql.enabled is false: set it, or set "
            "the whole URL by externalDatabase.existingSecret and externalDatabase.urlKey",
        ),
        (
            ("externalDatabase.host=db",),
            "externalDatabase.host is set while postgresql.enabled is true: "
            "set postgresql.enabled=false, or remove externalDatabase.host",
        ),
        (
            ("ollama.enabled=false",),
            "ollama.url is not set while ollama.enabled is false: "
            "set it to the address of your Ollama",
        ),
        (
            ("ollama.enabled=false", "ollama.pullModel=true", *OPENAI),
            "ollama.pullModel is true, but there is no Ollama: "
            "set it to false, or ollama.url to the address of your Ollama",
        ),
        (
            OPENAI[:2],
            "config.openai.model is not set while config.embedding.backend is openai: "
            "set it to the model of your embedding server",
        ),
        (
            (OPENAI[0], OPENAI[2]),
            "config.openai.url is not set while config.embedding.backend is openai: "
            "set it to the address of your embedding server",
        ),
        (
            ("config.embedding.backend=local",),
            "config.embedding.backend is local, but the image does not include that model: "
            "use ollama, or openai with config.openai.url",
        ),
        (
            ("ollama.url=http://x",),
            "ollama.url is set while ollama.enabled is true: "
            "set ollama.enabled=false, or remove ollama.url",
        ),
        (
            ("documents.persistence.enabled=false",),
            "documents.persistence.enabled is false, but API and indexer share the originals: "
            "leave it true",
        ),
        (
            ("documents.persistence.accessModes={ReadWriteOncePod}",),
            "documents.persistence.accessModes includes ReadWriteOncePod, but API and indexer "
            "share the volume: use ReadWriteOnce or ReadWriteMany",
        ),
        (
            ("ollama.replicas=2",),
            "ollama.replicas is more than 1, but ollama.persistence.accessModes does not "
            "include ReadWriteMany: add it, or use one replica",
        ),
        (
            ("config.documents.path=null",),
            "config.documents.path must not be null: "
            "set a value, or remove the key to use the default",
        ),
    ],
)
def test_values_that_do_not_go_together(sets: tuple[str, ...], line: str, every_helm: str) -> None:
    assert refusal(*sets, helm=every_helm) == [f"ERROR: {line}"]


def test_two_mistakes_are_both_named() -> None:
    assert len(refusal("ingress.enabled=true", "ollama.enabled=false")) == 2


def test_global_and_enabled_are_allowed_at_the_root() -> None:
    assert render(*SECRETS, "global.anything=1", "enabled=true") == render(*SECRETS)
