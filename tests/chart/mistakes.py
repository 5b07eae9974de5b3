"""Mistakes in the values, each with the line that Helm 3 and Helm 4 print about it.

A row is the settings of a command line, separated by blanks, or a table of values, and the line.
"""

import re
from typing import Any

OPENAI = (
    "ollama.enabled=false config.embedding.backend=openai config.openai.url=http://tei:8080 "
    "config.openai.model=BAAI/bge-m3"
)
BUCKET = (
    "config.documents.storage=s3 config.s3.bucket=originals auth.s3AccessKey=k auth.s3SecretKey=s"
)
EXTERNAL = "postgresql.enabled=false externalDatabase.host=db externalDatabase.password=p"

_QUOTE = (
    "is not a text: put it in quotes, or use --set-string, because YAML rewrites numbers and words "
    "such as yes"
)
_QUANTITY = "give a Kubernetes quantity without blanks, such as 512Mi, 2Gi, 500m or 1.5"
_SIZE = "give a size above 0 with a unit and without blanks, such as 10Gi"
_NAME = "name a Kubernetes object with a-z, 0-9, '-' and '.', such as my-secret"
_REGISTRY = "give a registry without scheme, such as ghcr.io or registry.example.org:5000"
_REPOSITORY = (
    "give a repository in lower case, without registry port, tag or digest, such as team/mirage"
)
_TAG = "give a tag without ':' and digest, such as 1.2.3"
_DIGEST = "give the digest as sha256: and 64 hexadecimal digits"
_HOST = (
    "give a host name in lower case, without scheme, port, path or blank, such as "
    "mirage.example.org"
)
_SERVER = (
    "give a host name or IP address without scheme, port, credentials or blank, such as "
    "db.example.org; a port belongs in externalDatabase.port"
)
_ADDRESS = (
    "give an address such as http://gpu-box.example.org:11434, without blanks and credentials; "
    "keys and tokens belong under auth"
)
_ENDPOINT = (
    "give the address of an S3 server such as https://s3.example.org:9000, without bucket, path "
    "and credentials; keys belong under auth"
)
_FOLDER = (
    "give an absolute folder without '.', '..', ':', blanks and a '/' at the end, such as "
    "/data/documents"
)
_SYSTEM = "which belongs to the system: use a folder of its own, such as /data/documents"
_LABEL_KEY = (
    "name labels and annotations as in example.org/team: a domain, '/', and up to 63 of a-z, A-Z, "
    "0-9, '-', '_' and '.'"
)
_LABEL = (
    "give a label of up to 63 of a-z, A-Z, 0-9, '-', '_' and '.', with a letter or digit at both "
    "ends"
)
_HEADER = (
    "auth.apiKey cannot be used: use a key that an HTTP header can carry: no line break or other "
    "control character (`echo -n` writes none), and no blank at either end"
)
_TOKEN = (
    "auth.openaiKey cannot be used: use a key that an HTTP header can carry: only ASCII, without "
    "blanks and line breaks (`echo -n` writes none)"
)
_LINE = "remove the line break or other control character (`echo -n` writes none)"
_MODEL = "give the name of a model without blanks, such as mxbai-embed-large"
_PREFIX = "begin with a letter and use only a-z, 0-9 and '-', such as rag"
_NULL = "must not be null: set a value, or remove the key to use the default"

SCHEMA: list[tuple[str | dict[str, Any], str]] = [
    ("ingres.enabled=true", "- at '': additional properties 'ingres' not allowed"),
    ("podAnnotations.x=1", "- at '': additional properties 'podAnnotations' not allowed"),
    ("replicaCount=2", "- at '': additional properties 'replicaCount' not allowed"),
    ("service.type=NodePort", "- at '': additional properties 'service' not allowed"),
    ("persistence.size=1Gi", "- at '': additional properties 'persistence' not allowed"),
    ("resources.limits.cpu=1", "- at '': additional properties 'resources' not allowed"),
    ("config.chunk.szie=3", "- at '/config/chunk': additional properties 'szie' not allowed"),
    ("config.api.port=3", "- at '/config/api': additional properties 'port' not allowed"),
    ("config.Chunk.size=300", "- at '/config': additional properties 'Chunk' not allowed"),
    ("image.name=x", "- at '/image': additional properties 'name' not allowed"),
    ("api.image.tag=x", "- at '/api': additional properties 'image' not allowed"),
    (
        "api.autoscaling.enable=true",
        "- at '/api/autoscaling': additional properties 'enable' not allowed",
    ),
    (
        "indexer.autoscaling.minReplicas=0",
        "- at '/indexer/autoscaling/minReplicas': minimum: got 0, want 1",
    ),
    (
        "api.disruptionBudget.maxUnavailable=50%",
        "- at '/api/disruptionBudget/maxUnavailable': got string, want null or integer",
    ),
    ("auth.apikey=x", "- at '/auth': additional properties 'apikey' not allowed"),
    ("auth.key=x", "- at '/auth': additional properties 'key' not allowed"),
    ("ingress.tls.secret=x", "- at '/ingress/tls': additional properties 'secret' not allowed"),
    ("postgresql.password=x", "- at '/postgresql': additional properties 'password' not allowed"),
    (
        "postgresql.auth.username=x",
        "- at '/postgresql/auth': additional properties 'username' not allowed",
    ),
    (
        "externalDatabase.database=x",
        "- at '/externalDatabase': additional properties 'database' not allowed",
    ),
    ("ollama.model=x", "- at '/ollama': additional properties 'model' not allowed"),
    ("ollama.gpu=true", "- at '/ollama': additional properties 'gpu' not allowed"),
    (
        "api.resources.limit.cpu=1",
        "- at '/api/resources': additional properties 'limit' not allowed",
    ),
    (
        "api.tolerations[0].name=x",
        "- at '/api/tolerations/0': additional properties 'name' not allowed",
    ),
    (
        "securityContext.runAsuser=1",
        "- at '/securityContext': additional properties 'runAsuser' not allowed",
    ),
    ("api.replicas=two", "- at '/api/replicas': got string, want null or integer"),
    ({"api.replicas": 1.5}, "- at '/api/replicas': got number, want null or integer"),
    ("api.replicas=-1", "- at '/api/replicas': minimum: got -1, want 0"),
    ("postgresql.replicas=2", "- at '/postgresql/replicas': maximum: got 2, want 1"),
    ("config.chunk.size=5", "- at '/config/chunk/size': minimum: got 5, want 16"),
    ("config.chunk.size=9000", "- at '/config/chunk/size': maximum: got 9,000, want 8,192"),
    ("config.chunk.size=big", "- at '/config/chunk/size': got string, want null or integer"),
    ("config.chunk.overlap=-1", "- at '/config/chunk/overlap': minimum: got -1, want 0"),
    (
        "config.database.poolSize=1",
        "- at '/config/database/poolSize': minimum: got 1, want 2",
    ),
    (
        "config.database.connectTimeoutSeconds=0",
        "- at '/config/database/connectTimeoutSeconds': exclusiveMinimum: got 0, want 0",
    ),
    (
        "config.indexer.leaseSeconds=1",
        "- at '/config/indexer/leaseSeconds': minimum: got 1, want 2",
    ),
    (
        "auth.generate=never",
        "- at '/auth/generate': value must be one of 'helm', 'job'",
    ),
    (
        "config.log.level=loud",
        "- at '/config/log/level': value must be one of 'debug', 'info', 'warning', 'error', <nil>",
    ),
    (
        "config.log.format=xml",
        "- at '/config/log/format': value must be one of 'json', 'text', <nil>",
    ),
    (
        "config.embedding.backend=openAI",
        "- at '/config/embedding/backend': value must be one of 'ollama', 'openai', 'local', <nil>",
    ),
    ("ollama.pullModel=yes", "- at '/ollama/pullModel': got string, want boolean"),
    ("ingress.enabled=yes", "- at '/ingress/enabled': got string, want boolean"),
    ("networkPolicy.enabled=1", "- at '/networkPolicy/enabled': got number, want null or boolean"),
    ("networkPolicy=true", "- at '/networkPolicy': got boolean, want object"),
    (
        "networkPolicy.registryPorts={http}",
        "- at '/networkPolicy/registryPorts/0': got string, want integer",
    ),
    (
        "networkPolicy.registryPorts={70000}",
        "- at '/networkPolicy/registryPorts/0': maximum: got 70,000, want 65,535",
    ),
    ("ingress.host=1", "- at '/ingress/host': got number, want null or string"),
    ("ingress.tls=true", "- at '/ingress/tls': got boolean, want object"),
    (
        "image.pullPolicy=always",
        "- at '/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'",
    ),
    (
        "api.service.type=Loadbalancer",
        "- at '/api/service/type': value must be one of 'ClusterIP', 'NodePort', 'LoadBalancer'",
    ),
    (
        "documents.persistence.accessModes={ReadWriteAll}",
        "- at '/documents/persistence/accessModes/0': value must be one of 'ReadWriteOnce', "
        "'ReadWriteMany', 'ReadWriteOncePod'",
    ),
    (
        "documents.persistence.accessModes=ReadWriteMany",
        "- at '/documents/persistence/accessModes': got string, want array",
    ),
    (
        "api.tolerations[0].effect=never",
        "- at '/api/tolerations/0/effect': value must be one of "
        "'NoExecute', 'NoSchedule', 'PreferNoSchedule', <nil>",
    ),
    ("imagePullSecrets={registry}", "- at '/imagePullSecrets/0': got string, want null or object"),
    ("api.extraEnv.A=b", "- at '/api/extraEnv': got object, want null or array"),
    ("api.extraEnv[0].value=b", "- at '/api/extraEnv/0': missing property 'name'"),
    (
        "api.extraEnv[0].name=A api.extraEnv[0].value=1",
        "- at '/api/extraEnv/0/value': got number, want null or string",
    ),
    (
        "podSecurityContext.runAsUser=mirage",
        "- at '/podSecurityContext/runAsUser': got string, want null or integer",
    ),
    ("externalDatabase.port=0", "- at '/externalDatabase/port': minimum: got 0, want 1"),
    ("externalDatabase.port=x", "- at '/externalDatabase/port': got string, want integer"),
    ("tests.deadlineSeconds=600", "- at '/tests/deadlineSeconds': maximum: got 600, want 290"),
    (
        "api.resources.limits.memory=-1",
        "- at '/api/resources/limits/memory': minimum: got -1, want 0",
    ),
]

TEXTS: list[tuple[str | dict[str, Any], str]] = [
    ("api.resources.limits.memory=512MB", f'api.resources.limits.memory is "512MB": {_QUANTITY}'),
    ("api.resources.limits.memory=1GB", f'api.resources.limits.memory is "1GB": {_QUANTITY}'),
    (
        {"api.resources.limits.memory": "512 Mi"},
        f'api.resources.limits.memory is "512 Mi": {_QUANTITY}',
    ),
    (
        "indexer.resources.requests.cpu=half",
        f'indexer.resources.requests.cpu is "half": {_QUANTITY}',
    ),
    (
        {"ollama.resources.limits.cpu": "1,5"},
        f'ollama.resources.limits.cpu is "1,5": {_QUANTITY}',
    ),
    (
        "postgresql.resources.limits.cpu=-1m",
        f'postgresql.resources.limits.cpu is "-1m": {_QUANTITY}',
    ),
    ("tests.resources.limits.cpu=1cpu", f'tests.resources.limits.cpu is "1cpu": {_QUANTITY}'),
    ("ollama.pullResources.limits.cpu=x", f'ollama.pullResources.limits.cpu is "x": {_QUANTITY}'),
    ("documents.persistence.size=10GB", f'documents.persistence.size is "10GB": {_SIZE}'),
    ("documents.persistence.size=0Gi", f'documents.persistence.size is "0Gi": {_SIZE}'),
    ({"documents.persistence.size": "10 Gi"}, f'documents.persistence.size is "10 Gi": {_SIZE}'),
    ({"ollama.persistence.size": "10"}, f'ollama.persistence.size is "10": {_SIZE}'),
    ("postgresql.persistence.size=5gi", f'postgresql.persistence.size is "5gi": {_SIZE}'),
    ("image.registry=https://ghcr.io", f'image.registry is "https://ghcr.io": {_REGISTRY}'),
    ("image.registry=ghcr.io/", f'image.registry is "ghcr.io/": {_REGISTRY}'),
    (
        {"ollama.image.registry": "docker io"},
        f'ollama.image.registry is "docker io": {_REGISTRY}',
    ),
    ("image.repository=Team/Mirage", f'image.repository is "Team/Mirage": {_REPOSITORY}'),
    ("image.repository=mirage:1.0", f'image.repository is "mirage:1.0": {_REPOSITORY}'),
    ("image.repository=/mirage", f'image.repository is "/mirage": {_REPOSITORY}'),
    ("image.repository=", f'image.repository is "": {_REPOSITORY}'),
    ("image.tag=1", f"image.tag {_QUOTE}"),
    ({"image.tag": 1.10}, f"image.tag {_QUOTE}"),
    ("image.tag=:latest", f'image.tag is ":latest": {_TAG}, or leave it empty'),
    ("postgresql.image.tag=", f'postgresql.image.tag is "": {_TAG}'),
    ("ollama.image.tag=0.33+cuda", f'ollama.image.tag is "0.33+cuda": {_TAG}'),
    ("image.digest=sha256:abc", f'image.digest is "sha256:abc": {_DIGEST}'),
    ("image.digest=latest", f'image.digest is "latest": {_DIGEST}'),
    ("ingress.host=https://m.example.org", f'ingress.host is "https://m.example.org": {_HOST}'),
    ("ingress.host=m.example.org:443", f'ingress.host is "m.example.org:443": {_HOST}'),
    ("ingress.host=m.example.org/rag", f'ingress.host is "m.example.org/rag": {_HOST}'),
    ("ingress.host=M.example.org", f'ingress.host is "M.example.org": {_HOST}'),
    ({"ingress.host": "m example.org"}, f'ingress.host is "m example.org": {_HOST}'),
    ("ingress.className=Traefik", f'ingress.className is "Traefik": {_NAME}'),
    ("ingress.tls.secretName=my_tls", f'ingress.tls.secretName is "my_tls": {_NAME}'),
    (
        {"ingress.annotations": {"traefik/": "x"}},
        f'the name of ingress.annotations.traefik/ is "traefik/": {_LABEL_KEY}',
    ),
    (
        {"api.podAnnotations": {"prometheus.io/scrape": True}},
        f'api.podAnnotations["prometheus.io/scrape"] {_QUOTE}',
    ),
    ("api.podAnnotations.x=1", f"api.podAnnotations.x {_QUOTE}"),
    ({"api.podLabels": {"team": "search team"}}, f'api.podLabels.team is "search team": {_LABEL}'),
    (
        {"api.podLabels": {"a b": "c"}},
        f'the name of api.podLabels.a b is "a b": {_LABEL_KEY}',
    ),
    ("ollama.nodeSelector.gpu=true", f"ollama.nodeSelector.gpu {_QUOTE}"),
    (
        "postgresql.parameters.max_connections=200",
        f"postgresql.parameters.max_connections {_QUOTE}",
    ),
    (
        {"postgresql.parameters": {"shared-buffers": "1GB"}},
        'the name of postgresql.parameters.shared-buffers is "shared-buffers": '
        "give the name of a parameter, such as shared_buffers",
    ),
    ("externalDatabase.host=db:5432", f'externalDatabase.host is "db:5432": {_SERVER}'),
    (
        "externalDatabase.host=postgresql://db",
        f'externalDatabase.host is "postgresql://db": {_SERVER}',
    ),
    ("externalDatabase.host=user@db", f'externalDatabase.host is "user@db": {_SERVER}'),
    ({"externalDatabase.host": "a b"}, f'externalDatabase.host is "a b": {_SERVER}'),
    ("ollama.url=gpu-box:11434", f'ollama.url is "gpu-box:11434": {_ADDRESS}'),
    (
        {"ollama.url": "http://gpu box"},
        f'ollama.url is "http://gpu box": {_ADDRESS}',
    ),
    (
        {"config.openai.url": "https://user:pw@tei"},
        f'config.openai.url is "https://user:pw@tei": {_ADDRESS}',
    ),
    (
        "config.embedding.proxy=socks5://proxy:1080",
        'config.embedding.proxy is "socks5://proxy:1080": give an HTTP proxy such as '
        "http://proxy.example.org:3128, without path and credentials; credentials belong in "
        "auth.proxyExistingSecret",
    ),
    ("config.ollama.model=", f'config.ollama.model is "": {_MODEL}'),
    ({"config.ollama.model": "all minilm"}, f'config.ollama.model is "all minilm": {_MODEL}'),
    ("config.documents.path=documents", f'config.documents.path is "documents": {_FOLDER}'),
    ("config.documents.path=/", f'config.documents.path is "/": {_FOLDER}'),
    ("config.documents.path=/data/../etc", f'config.documents.path is "/data/../etc": {_FOLDER}'),
    ("config.documents.path=/data/", f'config.documents.path is "/data/": {_FOLDER}'),
    ("auth.apiKey=12345678", f"auth.apiKey {_QUOTE}"),
    ("auth.apiKey=true", f"auth.apiKey {_QUOTE}"),
    ({"auth.openaiKey": 12345678901234567890}, f"auth.openaiKey {_QUOTE}"),
    ("postgresql.auth.password=12345678", f"postgresql.auth.password {_QUOTE}"),
    ({"externalDatabase.password": 1e6}, f"externalDatabase.password {_QUOTE}"),
    ({"auth.apiKey": "a\nb"}, _HEADER),
    ({"auth.apiKey": "key\n"}, _HEADER),
    ({"auth.apiKey": " key"}, _HEADER),
    ({"auth.openaiKey": "a b"}, _TOKEN),
    ({"auth.openaiKey": "ключ"}, _TOKEN),
    ({"postgresql.auth.password": "p\n"}, f"postgresql.auth.password cannot be used: {_LINE}"),
    ({"externalDatabase.password": "p\tq"}, f"externalDatabase.password cannot be used: {_LINE}"),
    ("auth.existingSecret=My_Keys", f'auth.existingSecret is "My_Keys": {_NAME}'),
    ("auth.existingSecret=", f'auth.existingSecret is "": {_NAME}'),
    (
        "externalDatabase.urlKey=a/b",
        'externalDatabase.urlKey is "a/b": give a key of the object\'s data, such as ca.crt',
    ),
    ("imagePullSecrets[0].name=My", f'imagePullSecrets[0].name is "My": {_NAME}'),
    (
        "documents.persistence.existingClaim=A",
        f'documents.persistence.existingClaim is "A": {_NAME}',
    ),
    ("api.priorityClassName=High", f'api.priorityClassName is "High": {_NAME}'),
    (
        {"api.extraEnv": [{"name": "A=B", "value": "c"}]},
        'api.extraEnv[0].name is "A=B": give the name of an environment variable, such as '
        "HTTP_PROXY",
    ),
    (
        "config.web.userHeader=X-User",
        "config.web.userHeader is set, but config.web.trustedProxies is not: name the addresses of "
        "the proxies, because anybody else could send the header",
    ),
    (
        "config.web.userHeader=X_User config.web.trustedProxies=10.42.0.0/16",
        'config.web.userHeader is "X_User": give the name of a header, such as X-Forwarded-User',
    ),
    (
        "config.web.trustedProxies=traefik",
        'config.web.trustedProxies is "traefik": give ranges of addresses separated by commas, '
        "such as 10.42.0.0/16",
    ),
    (
        "api.rootPath=mirage/",
        "api.rootPath is \"mirage/\": give a path such as /mirage, with '/' at the beginning and "
        "not at the end",
    ),
    (
        "api.service.type=LoadBalancer api.service.loadBalancerSourceRanges={10.0.0.0}",
        'api.service.loadBalancerSourceRanges[0] is "10.0.0.0": give a range of addresses such as '
        "10.0.0.0/8",
    ),
    (
        "documents.persistence.storageClass=Fast",
        "documents.persistence.storageClass is \"Fast\": name a storage class, or '-' for none, "
        "or leave it empty for the cluster's default class",
    ),
    ("ingress.extraHosts={a:443}", f'ingress.extraHosts[0] is "a:443": {_HOST}'),
    ("global.imageRegistry=https://x", f'global.imageRegistry is "https://x": {_REGISTRY}'),
    ("fullnameOverride=Rag", f'fullnameOverride is "Rag": {_PREFIX}'),
    ("nameOverride=rag.eu", f'nameOverride is "rag.eu": {_PREFIX}'),
]

COMBINATIONS: list[tuple[str | dict[str, Any], str]] = [
    ("image=null", f"image {_NULL}"),
    ("config.documents.path=null", f"config.documents.path {_NULL}"),
    ("postgresql.auth=null", f"postgresql.auth {_NULL}"),
    ("ollama.persistence.size=null", f"ollama.persistence.size {_NULL}"),
    (
        f"fullnameOverride={'r' * 50}",
        f'fullnameOverride "{"r" * 50}" has 50 characters, at most 49 fit: choose a shorter one',
    ),
    (
        f"nameOverride={'r' * 43}",
        f'release name with nameOverride, "mirage-{"r" * 43}" has 50 characters, at most 49 fit: '
        "choose a shorter nameOverride, or set fullnameOverride",
    ),
    (
        "config.chunk.overlap=400",
        "config.chunk.overlap (400) is not smaller than config.chunk.size (400): "
        "lower the overlap or raise the size",
    ),
    (
        "config.chunk.size=null config.chunk.overlap=500",
        "config.chunk.overlap (500) is not smaller than config.chunk.size (400): "
        "lower the overlap or raise the size",
    ),
    (
        "config.chunk.size=64 config.chunk.overlap=null",
        "config.chunk.overlap (100) is not smaller than config.chunk.size (64): "
        "lower the overlap or raise the size",
    ),
    (
        "api.autoscaling.enabled=true api.replicas=3",
        "api.replicas is 3 while api.autoscaling.enabled is true: remove it, and set "
        "api.autoscaling.minReplicas",
    ),
    (
        "indexer.autoscaling.enabled=true indexer.replicas=0",
        "indexer.replicas is 0 while indexer.autoscaling.enabled is true: remove it, and set "
        "indexer.autoscaling.minReplicas",
    ),
    (
        "api.autoscaling.enabled=true api.autoscaling.minReplicas=6",
        "api.autoscaling.minReplicas (6) is more than api.autoscaling.maxReplicas (5): lower it or "
        "raise the other",
    ),
    (
        "api.autoscaling.enabled=true api.enabled=false",
        "api.autoscaling.enabled is true, but api.enabled is false: there is nothing to scale",
    ),
    (
        "api.autoscaling.enabled=true api.resources.requests.cpu=null",
        "api.autoscaling.enabled is true, but api.resources.requests.cpu is not set, of which the "
        "use is measured: set it",
    ),
    (
        "auth.generate=job auth.apiKey=k",
        "auth.apiKey is given while auth.generate is job: put it into a Secret of your own and "
        "name that in auth.existingSecret, or set auth.generate=helm",
    ),
    (
        "auth.generate=job postgresql.auth.password=p",
        "postgresql.auth.password is given while auth.generate is job: put it into a Secret of "
        "your own and name that in postgresql.auth.existingSecret, or set auth.generate=helm",
    ),
    (
        f"auth.generate=job {EXTERNAL}",
        "externalDatabase.password is given while auth.generate is job: put it into a Secret of "
        "your own and name that in externalDatabase.existingSecret, or set auth.generate=helm",
    ),
    (
        "auth.generate=job auth.existingSecret=s postgresql.auth.existingSecret=s",
        "auth.generate is job, but every credential is in an existing Secret: remove auth.generate",
    ),
    (
        "auth.apiKey=k auth.existingSecret=s",
        "auth.apiKey and auth.existingSecret are both set: remove one of them",
    ),
    (
        f"{OPENAI} auth.openaiKey=k auth.openaiExistingSecret=s",
        "auth.openaiKey and auth.openaiExistingSecret are both set: remove one of them",
    ),
    (
        "postgresql.auth.password=p postgresql.auth.existingSecret=s",
        "postgresql.auth.password and postgresql.auth.existingSecret are both set: "
        "remove one of them",
    ),
    (
        f"{EXTERNAL} externalDatabase.existingSecret=s",
        "externalDatabase.password and externalDatabase.existingSecret are both set: "
        "remove one of them",
    ),
    (
        "externalDatabase.host=db",
        "externalDatabase.host is set while postgresql.enabled is true: "
        "set postgresql.enabled=false, or remove externalDatabase.host",
    ),
    (
        "externalDatabase.password=p",
        "externalDatabase.password is set while postgresql.enabled is true: "
        "set postgresql.enabled=false, or remove externalDatabase.password",
    ),
    (
        "externalDatabase.existingSecret=s",
        "externalDatabase.existingSecret is set while postgresql.enabled is true: "
        "set postgresql.enabled=false, or remove externalDatabase.existingSecret",
    ),
    (
        f"{EXTERNAL} postgresql.auth.password=p",
        "postgresql.auth.password is set while postgresql.enabled is false: "
        "set externalDatabase.password instead",
    ),
    (
        f"{EXTERNAL} postgresql.auth.existingSecret=s",
        "postgresql.auth.existingSecret is set while postgresql.enabled is false: "
        "set externalDatabase.existingSecret instead",
    ),
    (
        f"{EXTERNAL} externalDatabase.urlKey=uri",
        "externalDatabase.urlKey is set without externalDatabase.existingSecret: "
        "set that to the Secret with the URL",
    ),
    (
        "postgresql.enabled=false externalDatabase.existingSecret=s externalDatabase.urlKey=uri "
        "externalDatabase.host=db",
        "externalDatabase.host and externalDatabase.urlKey are both set, but the URL names the "
        "host: remove one of them",
    ),
    (
        "postgresql.enabled=false externalDatabase.host=db",
        "externalDatabase.password is not set while postgresql.enabled is false: "
        "set it or externalDatabase.existingSecret",
    ),
    (
        "postgresql.enabled=false externalDatabase.password=p",
        "externalDatabase.host is not set while postgresql.enabled is false: set it, or set "
        "the whole URL by externalDatabase.existingSecret and externalDatabase.urlKey",
    ),
    (
        "ollama.enabled=false",
        "ollama.url is not set while ollama.enabled is false: set it to the address of your Ollama",
    ),
    (
        f"{OPENAI} ollama.pullModel=true",
        "ollama.pullModel is true, but there is no Ollama: "
        "set it to false, or ollama.url to the address of your Ollama",
    ),
    (
        "ollama.enabled=false ollama.url=http://x ollama.pullInsecure=true",
        "ollama.pullInsecure is true, but nothing pulls a model: set it to false",
    ),
    (
        "ollama.url=http://x",
        "ollama.url is set while ollama.enabled is true: "
        "set ollama.enabled=false, or remove ollama.url",
    ),
    (
        f"{OPENAI} config.openai.model=null",
        "config.openai.model is not set while config.embedding.backend is openai: "
        "set it to the model of your embedding server",
    ),
    (
        f"{OPENAI} config.openai.url=null",
        "config.openai.url is not set while config.embedding.backend is openai: "
        "set it to the address of your embedding server",
    ),
    (
        "config.openai.url=http://tei:8080",
        "config.openai.url is set while config.embedding.backend is ollama: "
        "set config.embedding.backend=openai, or remove config.openai.url",
    ),
    (
        "config.openai.maxTokens=512",
        "config.openai.maxTokens is set while config.embedding.backend is ollama: "
        "set config.embedding.backend=openai, or remove config.openai.maxTokens",
    ),
    (
        "auth.openaiKey=k",
        "auth.openaiKey is set while config.embedding.backend is ollama: "
        "set config.embedding.backend=openai, or remove auth.openaiKey",
    ),
    (
        "auth.openaiExistingSecret=s",
        "auth.openaiExistingSecret is set while config.embedding.backend is ollama: "
        "set config.embedding.backend=openai, or remove auth.openaiExistingSecret",
    ),
    (
        "config.documents.storage=s3 auth.s3ExistingSecret=s",
        "config.s3.bucket is not set while config.documents.storage is s3: "
        "set it to the name of your bucket",
    ),
    (
        "config.documents.storage=s3 config.s3.bucket=originals auth.s3AccessKey=k",
        "auth.s3SecretKey is not set while config.documents.storage is s3: "
        "set it, or name a Secret with both keys in auth.s3ExistingSecret",
    ),
    (
        "config.documents.storage=s3 config.s3.bucket=originals auth.s3AccessKey=k "
        "auth.s3ExistingSecret=s",
        "auth.s3AccessKey and auth.s3ExistingSecret are both set: remove one of them",
    ),
    (
        f"{BUCKET} auth.s3ExistingSecretSecretKey=k",
        "auth.s3ExistingSecretSecretKey is set without auth.s3ExistingSecret: "
        "set that to the Secret with this key, or remove it",
    ),
    *(
        (
            f"{BUCKET} documents.persistence.{setting}",
            f"documents.persistence.{re.split('[.=]', setting)[0]} is set while "
            "config.documents.storage is s3, which has no volume: remove it",
        )
        for setting in (
            "size=20Gi",
            "storageClass=fast",
            "accessModes={ReadWriteMany}",
            "existingClaim=mine",
            "volumeName=pv",
            "selector.matchLabels.a=b",
            "labels.a=b",
        )
    ),
    (
        f"{BUCKET} config.documents.path=/originals",
        "config.documents.path is set while config.documents.storage is s3, which has no folder: "
        "remove it",
    ),
    (
        f"{BUCKET} config.documents.minFreeBytes=1",
        "config.documents.minFreeBytes is set while config.documents.storage is s3, which has no "
        "volume: remove it",
    ),
    (
        f"{BUCKET} config.documents.maxUploadBytes=5368709121",
        "config.documents.maxUploadBytes is more than 5 GiB, which S3 cannot move at once: "
        "lower it to 5368709120",
    ),
    (
        "config.s3.bucket=originals",
        "config.s3.bucket is set while config.documents.storage is volume: "
        "set config.documents.storage=s3, or remove config.s3.bucket",
    ),
    (
        "config.s3.pathStyle=false",
        "config.s3.pathStyle is set while config.documents.storage is volume: "
        "set config.documents.storage=s3, or remove config.s3.pathStyle",
    ),
    (
        "auth.s3ExistingSecret=s",
        "auth.s3ExistingSecret is set while config.documents.storage is volume: "
        "set config.documents.storage=s3, or remove auth.s3ExistingSecret",
    ),
    (
        {"networkPolicy": {"s3To": [{"podSelector": {}}]}},
        "networkPolicy.s3To is set while config.documents.storage is volume: remove it",
    ),
    (
        f"{BUCKET} config.s3.endpoint=https://minio:9000/originals",
        f'config.s3.endpoint is "https://minio:9000/originals": {_ENDPOINT}',
    ),
    (
        f"{BUCKET} config.s3.prefix=/team",
        "config.s3.prefix is \"/team\": give a path in the bucket without '/' at its ends, such as "
        "team/mirage",
    ),
    (
        "config.documents.storage=s3 config.s3.bucket=s3://originals auth.s3ExistingSecret=s",
        'config.s3.bucket is "s3://originals": give the name of a bucket without address and '
        "path, such as mirage-originals",
    ),
    ({"auth.s3AccessKey": 12345678901234567890}, f"auth.s3AccessKey {_QUOTE}"),
    (
        "config.embedding.backend=local",
        "config.embedding.backend is local, but the image does not include that model: "
        "use ollama, or openai with config.openai.url",
    ),
    (
        "ingress.enabled=true",
        "ingress.host is not set while ingress.enabled is true: set it to the host name of the API",
    ),
    (
        {
            "ingress.enabled": True,
            "ingress.host": "h",
            "ingress.annotations": {"cert-manager.io/cluster-issuer": "x"},
        },
        'ingress.annotations["cert-manager.io/cluster-issuer"] and ingress.tls.clusterIssuer are '
        "both set: remove the annotation, or set ingress.tls.clusterIssuer=null",
    ),
    (
        "documents.persistence.enabled=false",
        "documents.persistence.enabled is false, but API and indexer share the originals: "
        "leave it true, or set config.documents.storage=s3",
    ),
    (
        "documents.persistence.accessModes={ReadWriteOncePod}",
        "documents.persistence.accessModes includes ReadWriteOncePod, but API and indexer "
        "share the volume: use ReadWriteOnce or ReadWriteMany",
    ),
    (
        "ollama.replicas=2",
        "ollama.replicas is more than 1, but ollama.persistence.accessModes does not "
        "include ReadWriteMany: add it, or use one replica",
    ),
    ("config.documents.path=/etc/mirage", f'config.documents.path is "/etc/mirage", {_SYSTEM}'),
    ("config.documents.path=/tmp", f'config.documents.path is "/tmp", {_SYSTEM}'),
    ("config.documents.path=/opt/mirage/x", f'config.documents.path is "/opt/mirage/x", {_SYSTEM}'),
    (
        "api.resources.limits.memory=128Mi",
        "api.resources.limits.memory (128Mi) is below api.resources.requests.memory (256Mi): "
        "raise the limit or lower the request",
    ),
    (
        "api.resources.requests.cpu=2",
        "api.resources.limits.cpu (500m) is below api.resources.requests.cpu (2): "
        "raise the limit or lower the request",
    ),
    (
        "ollama.resources.requests.memory=5Gi",
        "ollama.resources.limits.memory (4Gi) is below ollama.resources.requests.memory (5Gi): "
        "raise the limit or lower the request",
    ),
    (
        "tests.resources.limits.memory=1Mi",
        "tests.resources.limits.memory (1Mi) is below tests.resources.requests.memory (64Mi): "
        "raise the limit or lower the request",
    ),
    (
        "postgresql.resources.limits.memory=0",
        "postgresql.resources.limits.memory is 0, with which no container starts: raise it, or "
        "set it to null for no limit",
    ),
    (
        "config.indexer.parseMemoryBytes=2147483648",
        "config.indexer.parseMemoryBytes (2147483648) is not below the pod's memory limit "
        "indexer.resources.limits.memory (1Gi): lower it or raise the limit",
    ),
    (
        "indexer.resources.limits.memory=512Mi",
        "config.indexer.parseMemoryBytes (536870912) is not below the pod's memory limit "
        "indexer.resources.limits.memory (512Mi): lower it or raise the limit",
    ),
    (
        "podSecurityContext.runAsUser=0",
        "podSecurityContext.runAsUser is 0, which is root, while runAsNonRoot is true: "
        "use another user, or set runAsNonRoot to false",
    ),
    (
        "ollama.securityContext.runAsUser=0",
        "ollama.securityContext.runAsUser is 0, which is root, while runAsNonRoot is true: "
        "use another user, or set runAsNonRoot to false",
    ),
    (
        "api.extraEnv[0].name=MIRAGE_CHUNK_SIZE",
        "api.extraEnv[0] sets MIRAGE_CHUNK_SIZE: set config.chunk.size instead",
    ),
    (
        "api.extraEnv[0].name=MIRAGE_API_KEY",
        "api.extraEnv[0] sets MIRAGE_API_KEY: set auth.apiKey instead",
    ),
    (
        "indexer.extraEnv[0].name=MIRAGE_METRICS_PORT",
        "indexer.extraEnv[0] sets MIRAGE_METRICS_PORT, which the chart sets itself: remove it",
    ),
    (
        "indexer.extraEnv[0].name=MIRAGE_CHUNK_SZIE",
        "indexer.extraEnv[0] sets MIRAGE_CHUNK_SZIE, which is not a setting of miRAGe: "
        "check its spelling",
    ),
    (
        "api.extraEnv[0].name=TZ api.extraEnv[1].name=TZ",
        "api.extraEnv[1] sets TZ a second time: remove one",
    ),
    (
        "postgresql.extraEnv[0].name=POSTGRES_PASSWORD",
        "postgresql.extraEnv[0] sets POSTGRES_PASSWORD, which the chart sets itself: remove it",
    ),
    (
        "ollama.extraEnv[0].name=OLLAMA_HOST",
        "ollama.extraEnv[0] sets OLLAMA_HOST, which the chart sets itself: remove it",
    ),
    (
        "ollama.extraEnv[0].name=MIRAGE_LOG_LEVEL",
        "ollama.extraEnv[0] sets MIRAGE_LOG_LEVEL, which only miRAGe reads: remove it",
    ),
    (
        {"api.podLabels": {"app.kubernetes.io/name": "x"}},
        'api.podLabels["app.kubernetes.io/name"] repeats what the chart sets: use another name',
    ),
    (
        {"indexer.podLabels": {"mirage-rag.github.io/documents": "x"}},
        'indexer.podLabels["mirage-rag.github.io/documents"] repeats what the chart sets: '
        "use another name",
    ),
    (
        {"postgresql.podAnnotations": {"checksum/secret": "x"}},
        'postgresql.podAnnotations["checksum/secret"] repeats what the chart sets: '
        "use another name",
    ),
    (
        "auth.existingSecretKey=k",
        "auth.existingSecretKey is set without auth.existingSecret: set that to the Secret with "
        "this key, or remove it",
    ),
    (
        f"{EXTERNAL} externalDatabase.passwordKey=k",
        "externalDatabase.passwordKey is set without externalDatabase.existingSecret: set that to "
        "the Secret with this key, or remove it",
    ),
    (
        "auth.ollamaToken=t",
        "auth.ollamaToken is set, but there is no Ollama outside the release: set "
        "ollama.enabled=false and ollama.url, or remove auth.ollamaToken",
    ),
    (
        "auth.proxyExistingSecret=s",
        "auth.proxyExistingSecret is set without config.embedding.proxy: set that to the address "
        "of the proxy",
    ),
    (
        "caCertificates.configMap=a caCertificates.secret=b",
        "caCertificates.configMap and caCertificates.secret are both set: remove one of them",
    ),
    (
        "caCertificates.key=ca.pem",
        "caCertificates.key is set without caCertificates.configMap or caCertificates.secret: set "
        "one of them, or remove it",
    ),
    (
        "serviceAccount.create=false serviceAccount.annotations.a=b",
        "serviceAccount.create is false, so nothing would have serviceAccount.labels and "
        "serviceAccount.annotations: remove them, or set serviceAccount.create=true",
    ),
    (
        "externalDatabase.sslMode=require",
        "externalDatabase.sslMode is set while postgresql.enabled is true: "
        "set postgresql.enabled=false, or remove externalDatabase.sslMode",
    ),
    (
        f"{EXTERNAL} externalDatabase.sslMode=verify-ca",
        "externalDatabase.sslMode is verify-ca, but there is no authority to trust: set "
        "caCertificates, or use verify-full for public authorities",
    ),
    (
        f"{EXTERNAL} externalDatabase.parameters.sslmode=require",
        "externalDatabase.parameters.sslmode is set: set externalDatabase.sslMode instead",
    ),
    (
        "indexer.enabled=false",
        "indexer.enabled is false, but only the indexer migrates the database of this release: "
        "leave it true, or use an external database that another release migrates",
    ),
    (
        f"{EXTERNAL} api.enabled=false indexer.enabled=false",
        "api.enabled and indexer.enabled are both false, so nothing would run: enable one of them",
    ),
    (
        "api.enabled=false ingress.enabled=true ingress.host=h",
        "ingress.enabled is true, but api.enabled is false: there is nothing to route to",
    ),
    (
        "httpRoute.enabled=true",
        "httpRoute.parentRefs is not set while httpRoute.enabled is true: name a Gateway, such as "
        "httpRoute.parentRefs[0].name=traefik-gateway",
    ),
    (
        "ingress.tls.defaultCertificate=true ingress.tls.secretName=s",
        "ingress.tls.secretName is set while ingress.tls.defaultCertificate is true: remove one "
        "of them",
    ),
    (
        "api.service.nodePort=30080",
        "api.service.nodePort is set while api.service.type is ClusterIP: use NodePort or "
        "LoadBalancer, or remove it",
    ),
    (
        "api.service.type=NodePort api.service.loadBalancerSourceRanges={10.0.0.0/8}",
        "api.service.loadBalancerSourceRanges is set while api.service.type is NodePort: use "
        "LoadBalancer, or remove it",
    ),
    (
        "ollama.models={all-minilm}",
        "ollama.models is set while ollama.pullModel is false: set ollama.pullModel=true, or pull "
        "them by hand",
    ),
    (
        "ollama.enabled=false ollama.url=http://x ollama.proxy=http://p:1",
        "ollama.proxy is set while ollama.enabled is false: for requests to an embedding server, "
        "set config.embedding.proxy",
    ),
    (
        {"networkPolicy.databaseTo": [{"podSelector": {}}]},
        "networkPolicy.databaseTo is set while postgresql.enabled is true: it is for an external "
        "PostgreSQL, remove it",
    ),
    (
        {"networkPolicy.embedderTo": [{"podSelector": {}}]},
        "networkPolicy.embedderTo is set while Ollama is in the release: it is for an external "
        "embedding server or a proxy, remove it",
    ),
    (
        "documents.persistence.existingClaim=c documents.persistence.volumeName=v",
        "documents.persistence.volumeName is for a new claim, but "
        "documents.persistence.existingClaim is set: remove one of them",
    ),
    (
        {"api.sidecars": [{"name": "api", "image": "x"}]},
        'api.sidecars[0].name is "api", which another container of the pod has: choose another '
        "name",
    ),
    (
        {"indexer.initContainers": [{"name": "first"}]},
        "indexer.initContainers[0] has no image: set indexer.initContainers[0].image",
    ),
    (
        {"ollama.extraVolumes": [{"name": "data", "emptyDir": {}}]},
        'ollama.extraVolumes[0].name is "data", which another volume of the pod has: choose '
        "another name",
    ),
    (
        {"postgresql.extraVolumeMounts": [{"name": "x", "mountPath": "/x"}]},
        'postgresql.extraVolumeMounts[0].name is "x", but there is no such volume: add it to '
        "postgresql.extraVolumes",
    ),
    (
        {"commonLabels": {"app.kubernetes.io/part-of": "x"}},
        'commonLabels["app.kubernetes.io/part-of"] repeats what the chart sets: use another name',
    ),
    (
        {"documents.persistence.annotations": {"helm.sh/resource-policy": "delete"}},
        'documents.persistence.annotations["helm.sh/resource-policy"] repeats what the chart sets: '
        "use another name",
    ),
    (
        "indexer.extraEnv[0].name=MIRAGE_EMBEDDING_PROXY_AUTH",
        "indexer.extraEnv[0] sets MIRAGE_EMBEDDING_PROXY_AUTH: set auth.proxyExistingSecret "
        "instead",
    ),
    (
        "trustedCa.configMap=authorities",
        "trustedCa.configMap has another name: set caCertificates.configMap instead",
    ),
    (
        "trustedCa.key=ca.pem",
        "trustedCa.key has another name: set caCertificates.key instead",
    ),
]
