{{/* What templates know of the model in schema/: keys that must not be null, texts with a rule, and
     the key for each variable of the program. Made by `python -m schema write`. */}}

{{- define "mirage.model.required" -}}
- global
- image
- image.registry
- image.repository
- image.tag
- image.pullPolicy
- serviceAccount
- serviceAccount.create
- auth
- auth.generate
- auth.existingSecretKey
- auth.openaiExistingSecretKey
- auth.ollamaExistingSecretKey
- auth.s3ExistingSecretAccessKey
- auth.s3ExistingSecretSecretKey
- auth.proxyExistingSecretKey
- config
- config.database
- config.ollama
- config.openai
- config.embedding
- config.chunk
- config.documents
- config.documents.storage
- config.documents.path
- config.s3
- config.search
- config.api
- config.web
- config.indexer
- config.log
- caCertificates
- caCertificates.key
- api
- api.enabled
- api.service
- api.service.type
- api.service.port
- api.autoscaling
- api.autoscaling.enabled
- api.autoscaling.minReplicas
- api.autoscaling.maxReplicas
- api.autoscaling.targetCpuPercent
- api.disruptionBudget
- api.startupProbe
- api.livenessProbe
- api.readinessProbe
- indexer
- indexer.enabled
- indexer.autoscaling
- indexer.autoscaling.enabled
- indexer.autoscaling.minReplicas
- indexer.autoscaling.maxReplicas
- indexer.autoscaling.documentsPerReplica
- indexer.autoscaling.passagesPerReplica
- indexer.autoscaling.pollingSeconds
- indexer.disruptionBudget
- indexer.startupProbe
- indexer.livenessProbe
- indexer.readinessProbe
- documents
- documents.persistence
- documents.persistence.enabled
- documents.persistence.size
- documents.persistence.accessModes
- backup
- backup.enabled
- backup.schedule
- backup.keep
- backup.persistence
- backup.persistence.size
- backup.persistence.accessModes
- postgresql
- postgresql.enabled
- postgresql.replicas
- postgresql.image
- postgresql.image.registry
- postgresql.image.repository
- postgresql.image.tag
- postgresql.image.pullPolicy
- postgresql.auth
- postgresql.auth.existingSecretKey
- postgresql.persistence
- postgresql.persistence.enabled
- postgresql.persistence.size
- postgresql.persistence.accessModes
- postgresql.startupProbe
- postgresql.livenessProbe
- postgresql.readinessProbe
- externalDatabase
- externalDatabase.port
- externalDatabase.user
- externalDatabase.name
- externalDatabase.passwordKey
- ollama
- ollama.enabled
- ollama.pullModel
- ollama.pullInsecure
- ollama.image
- ollama.image.registry
- ollama.image.repository
- ollama.image.tag
- ollama.image.pullPolicy
- ollama.persistence
- ollama.persistence.enabled
- ollama.persistence.size
- ollama.persistence.accessModes
- ollama.startupProbe
- ollama.livenessProbe
- ollama.readinessProbe
- ingress
- ingress.enabled
- ingress.tls
- ingress.tls.enabled
- ingress.tls.defaultCertificate
- httpRoute
- httpRoute.enabled
- networkPolicy
- networkPolicy.registryPorts
- metrics
- metrics.podMonitor
- metrics.podMonitor.enabled
- metrics.podMonitor.interval
- metrics.rules
- metrics.rules.enabled
- metrics.rules.waitingSeconds
- metrics.rules.backupAgeHours
- metrics.dashboard
- metrics.dashboard.enabled
- tests
- tests.enabled
- tests.image
- tests.image.registry
- tests.image.repository
- tests.image.tag
- tests.image.pullPolicy
- tests.deadlineSeconds
{{- end }}

{{- define "mirage.model.rules" -}}
values:
  global: $Global
  nameOverride: prefix
  fullnameOverride: prefix
  image: $ProgramImage
  imagePullSecrets:
    '*': $LocalObjectReference
  commonLabels:
    '?': label key
    '*': '!label'
  commonAnnotations:
    '?': label key
    '*': '!'
  serviceAccount: $ServiceAccount
  auth: $Auth
  config: $Config
  caCertificates: $CaCertificates
  api: $Api
  indexer: $Indexer
  documents: $Documents
  backup: $Backup
  postgresql: $Postgresql
  externalDatabase: $ExternalDatabase
  ollama: $Ollama
  ingress: $Ingress
  httpRoute: $HttpRoute
  metrics: $Metrics
  tests: $Tests
Api:
  resources: $ResourceRequirements
  extraEnv:
    '*': $EnvVar
  extraVolumes:
    '*': $Volume
  extraVolumeMounts:
    '*': $VolumeMount
  initContainers:
    '*': $Container
  sidecars:
    '*': $Container
  tmpSizeLimit: size
  labels:
    '?': label key
    '*': '!label'
  annotations:
    '?': label key
    '*': '!'
  podLabels:
    '?': label key
    '*': '!label'
  podAnnotations:
    '?': label key
    '*': '!'
  nodeSelector:
    '?': label key
    '*': '!label'
  priorityClassName: name
  runtimeClassName: name
  rootPath: prefix path
  service: $Service
Auth:
  apiKey: '!api key'
  existingSecret: name
  existingSecretKey: key
  openaiKey: '!token'
  openaiExistingSecret: name
  openaiExistingSecretKey: key
  ollamaToken: '!token'
  ollamaExistingSecret: name
  ollamaExistingSecretKey: key
  s3AccessKey: '!token'
  s3SecretKey: '!token'
  s3ExistingSecret: name
  s3ExistingSecretAccessKey: key
  s3ExistingSecretSecretKey: key
  proxyExistingSecret: name
  proxyExistingSecretKey: key
Backup:
  schedule: schedule
  passphraseSecret: name
  resources: $ResourceRequirements
  persistence: $BackupVolume
BackupVolume:
  size: size
  storageClass: storage class
  volumeName: name
  existingClaim: name
  labels:
    '?': label key
    '*': '!label'
  annotations:
    '?': label key
    '*': '!'
CSIVolumeSource:
  nodePublishSecretRef: $LocalObjectReference
CaCertificates:
  configMap: name
  secret: name
  key: key
Config:
  ollama: $ConfigOllama
  openai: $ConfigOpenAI
  embedding: $ConfigEmbedding
  documents: $ConfigDocuments
  s3: $ConfigS3
  api: $ConfigApi
  web: $ConfigWeb
ConfigApi:
  publicUrl: address
ConfigDocuments:
  path: folder
ConfigEmbedding:
  proxy: proxy
ConfigOllama:
  model: model
ConfigOpenAI:
  url: address
  model: model
ConfigS3:
  bucket: bucket
  prefix: object prefix
  endpoint: endpoint
  region: region
ConfigWeb:
  userHeader: header
  trustedProxies: cidrs
Container:
  env:
    '*': $EnvVar
  name: name
  resources: $ResourceRequirements
  volumeMounts:
    '*': $VolumeMount
Dashboard:
  labels:
    '?': label key
    '*': '!label'
Documents:
  persistence: $Persistence
DownwardAPIProjection:
  items:
    '*': $DownwardAPIVolumeFile
DownwardAPIVolumeFile:
  resourceFieldRef: $ResourceFieldSelector
DownwardAPIVolumeSource:
  items:
    '*': $DownwardAPIVolumeFile
EmptyDirVolumeSource:
  sizeLimit: $Quantity
EnvVar:
  name: variable
  valueFrom: $EnvVarSource
EnvVarSource:
  resourceFieldRef: $ResourceFieldSelector
EphemeralVolumeSource:
  volumeClaimTemplate: $PersistentVolumeClaimTemplate
ExternalDatabase:
  host: server
  password: '!line'
  existingSecret: name
  passwordKey: key
  urlKey: key
  parameters:
    '?': parameter
    '*': '!'
Global:
  imageRegistry: registry
  imagePullSecrets:
    '*': name
  storageClass: storage class
HttpRoute:
  parentRefs:
    '*': $ParentReference
  hostnames:
    '*': host
  labels:
    '?': label key
    '*': '!label'
  annotations:
    '?': label key
    '*': '!'
Image:
  registry: registry
  repository: repository
  tag: '!tag'
  digest: digest
Indexer:
  resources: $ResourceRequirements
  extraEnv:
    '*': $EnvVar
  extraVolumes:
    '*': $Volume
  extraVolumeMounts:
    '*': $VolumeMount
  initContainers:
    '*': $Container
  sidecars:
    '*': $Container
  tmpSizeLimit: size
  labels:
    '?': label key
    '*': '!label'
  annotations:
    '?': label key
    '*': '!'
  podLabels:
    '?': label key
    '*': '!label'
  podAnnotations:
    '?': label key
    '*': '!'
  nodeSelector:
    '?': label key
    '*': '!label'
  priorityClassName: name
  runtimeClassName: name
Ingress:
  className: name
  host: host
  extraHosts:
    '*': host
  labels:
    '?': label key
    '*': '!label'
  annotations:
    '?': label key
    '*': '!'
  tls: $IngressTls
IngressTls:
  secretName: name
  clusterIssuer: name
LocalObjectReference:
  name: name
MetricRules:
  labels:
    '?': label key
    '*': '!label'
Metrics:
  podMonitor: $PodMonitor
  rules: $MetricRules
  dashboard: $Dashboard
Ollama:
  resources: $ResourceRequirements
  extraEnv:
    '*': $EnvVar
  extraVolumes:
    '*': $Volume
  extraVolumeMounts:
    '*': $VolumeMount
  initContainers:
    '*': $Container
  sidecars:
    '*': $Container
  tmpSizeLimit: size
  labels:
    '?': label key
    '*': '!label'
  annotations:
    '?': label key
    '*': '!'
  podLabels:
    '?': label key
    '*': '!label'
  podAnnotations:
    '?': label key
    '*': '!'
  nodeSelector:
    '?': label key
    '*': '!label'
  priorityClassName: name
  runtimeClassName: name
  url: address
  models:
    '*': model
  proxy: proxy
  pullResources: $ResourceRequirements
  image: $Image
  persistence: $Persistence
ParentReference:
  name: name
  namespace: name
  sectionName: name
  kind: variable
  group: name
Persistence:
  size: size
  storageClass: storage class
  volumeName: name
  existingClaim: name
  labels:
    '?': label key
    '*': '!label'
  annotations:
    '?': label key
    '*': '!'
PersistentVolumeClaimSpec:
  resources: $VolumeResourceRequirements
PersistentVolumeClaimTemplate:
  spec: $PersistentVolumeClaimSpec
PodMonitor:
  interval: duration
  labels:
    '?': label key
    '*': '!label'
Postgresql:
  resources: $ResourceRequirements
  extraEnv:
    '*': $EnvVar
  extraVolumes:
    '*': $Volume
  extraVolumeMounts:
    '*': $VolumeMount
  initContainers:
    '*': $Container
  sidecars:
    '*': $Container
  tmpSizeLimit: size
  labels:
    '?': label key
    '*': '!label'
  annotations:
    '?': label key
    '*': '!'
  podLabels:
    '?': label key
    '*': '!label'
  podAnnotations:
    '?': label key
    '*': '!'
  nodeSelector:
    '?': label key
    '*': '!label'
  priorityClassName: name
  runtimeClassName: name
  image: $Image
  auth: $PostgresqlAuth
  parameters:
    '?': parameter
    '*': '!'
  persistence: $Persistence
PostgresqlAuth:
  password: '!line'
  existingSecret: name
  existingSecretKey: key
ProgramImage:
  registry: registry
  repository: repository
  tag: '!tag or empty'
  digest: digest
ProjectedVolumeSource:
  sources:
    '*': $VolumeProjection
Quantity: quantity
ResourceFieldSelector:
  divisor: $Quantity
ResourceRequirements:
  limits:
    '*': $Quantity
  requests:
    '*': $Quantity
Service:
  loadBalancerClass: label key
  loadBalancerSourceRanges:
    '*': cidr
  labels:
    '?': label key
    '*': '!label'
  annotations:
    '?': label key
    '*': '!'
ServiceAccount:
  name: name
  labels:
    '?': label key
    '*': '!label'
  annotations:
    '?': label key
    '*': '!'
Tests:
  image: $Image
  resources: $ResourceRequirements
Volume:
  csi: $CSIVolumeSource
  downwardAPI: $DownwardAPIVolumeSource
  emptyDir: $EmptyDirVolumeSource
  ephemeral: $EphemeralVolumeSource
  name: name
  projected: $ProjectedVolumeSource
VolumeMount:
  name: name
VolumeProjection:
  downwardAPI: $DownwardAPIProjection
VolumeResourceRequirements:
  limits:
    '*': $Quantity
  requests:
    '*': $Quantity
{{- end }}

{{- define "mirage.model.rules.texts" -}}
name:
  pattern: ^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$
  remedy: name a Kubernetes object with a-z, 0-9, '-' and '.', such as my-secret
  secret: false
prefix:
  pattern: ^([a-z]([-a-z0-9]*[a-z0-9])?)?$
  remedy: begin with a letter and use only a-z, 0-9 and '-', such as rag
  secret: false
registry:
  pattern: ^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*)*)?$
  remedy: give a registry without scheme, such as ghcr.io or registry.example.org:5000
  secret: false
repository:
  pattern: ^[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*)*$
  remedy: give a repository in lower case, without registry port, tag or digest, such as team/mirage
  secret: false
tag:
  pattern: ^[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}$
  remedy: give a tag without ':' and digest, such as 1.2.3
  secret: false
tag or empty:
  pattern: ^([A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?$
  remedy: give a tag without ':' and digest, such as 1.2.3, or leave it empty
  secret: false
digest:
  pattern: ^(sha256:[0-9a-f]{64})?$
  remedy: 'give the digest as sha256: and 64 hexadecimal digits'
  secret: false
quantity:
  pattern: ^([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?$
  remedy: give a Kubernetes quantity without blanks, such as 512Mi, 2Gi, 500m or 1.5
  secret: false
schedule:
  pattern: ^(@[a-z]+|\S+( \S+){4})$
  remedy: give a schedule as cron writes it, such as '0 2 * * *' or @daily
  secret: false
duration:
  pattern: ^[1-9][0-9]*(ms|s|m|h)$
  remedy: give a time with a unit, such as 30s or 1m
  secret: false
size:
  pattern: ^([1-9][0-9]*(\.[0-9]+)?|0\.[0-9]*[1-9][0-9]*)([KMGTPE]i|[kMGTPE])$
  remedy: give a size above 0 with a unit and without blanks, such as 10Gi
  secret: false
host:
  pattern: ^(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$|^$
  remedy: give a host name in lower case, without scheme, port, path or blank, such as mirage.example.org
  secret: false
server:
  pattern: ^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(%[a-z0-9]+)?|\[[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(%[a-z0-9]+)?\])$|^$
  remedy: give a host name or IP address without scheme, port, credentials or blank, such as db.example.org; a port belongs in externalDatabase.port
  secret: false
address:
  pattern: ^https?://([A-Za-z0-9._-]+|\[[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(%[a-z0-9]+)?\])(:[0-9]{1,5})?(/[^\s@?#]*)?$
  remedy: give an address such as http://gpu-box.example.org:11434, without blanks and credentials; keys and tokens belong under auth
  secret: false
endpoint:
  pattern: ^https?://([A-Za-z0-9._-]+|\[[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(%[a-z0-9]+)?\])(:[0-9]{1,5})?/?$
  remedy: give the address of an S3 server such as https://s3.example.org:9000, without bucket, path and credentials; keys belong under auth
  secret: false
bucket:
  pattern: ^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$
  remedy: give the name of a bucket without address and path, such as mirage-originals
  secret: false
object prefix:
  pattern: ^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$
  remedy: give a path in the bucket without '/' at its ends, such as team/mirage
  secret: false
region:
  pattern: ^[A-Za-z0-9-]{1,64}$
  remedy: give the name of a region, such as eu-central-1
  secret: false
proxy:
  pattern: ^http://([A-Za-z0-9._-]+|\[[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(%[a-z0-9]+)?\])(:[0-9]{1,5})?/?$|^https://([A-Za-z0-9._-]+|\[[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(%[a-z0-9]+)?\])(:[0-9]{1,5})?/?$
  remedy: give an HTTP proxy such as http://proxy.example.org:3128, without path and credentials; credentials belong in auth.proxyExistingSecret
  secret: false
model:
  pattern: ^\S{1,300}$
  remedy: give the name of a model without blanks, such as mxbai-embed-large
  secret: false
folder:
  pattern: ^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$
  remedy: give an absolute folder without '.', '..', ':', blanks and a '/' at the end, such as /data/documents
  secret: false
variable:
  pattern: ^[-._A-Za-z][-._A-Za-z0-9]*$
  remedy: give the name of an environment variable, such as HTTP_PROXY
  secret: false
label key:
  pattern: ^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$
  remedy: 'name labels and annotations as in example.org/team: a domain, ''/'', and up to 63 of a-z, A-Z, 0-9, ''-'', ''_'' and ''.'''
  secret: false
label:
  pattern: ^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$
  remedy: give a label of up to 63 of a-z, A-Z, 0-9, '-', '_' and '.', with a letter or digit at both ends
  secret: false
storage class:
  pattern: ^(-|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*)?$
  remedy: name a storage class, or '-' for none, or leave it empty for the cluster's default class
  secret: false
prefix path:
  pattern: ^((/[A-Za-z0-9_-][A-Za-z0-9._-]*)+)?$
  remedy: give a path such as /mirage, with '/' at the beginning and not at the end
  secret: false
key:
  pattern: ^[-._A-Za-z0-9]+$
  remedy: give a key of the object's data, such as ca.crt
  secret: false
parameter:
  pattern: ^[A-Za-z_][A-Za-z0-9_.]*$
  remedy: give the name of a parameter, such as shared_buffers
  secret: false
cidr:
  pattern: ^([0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(%[a-z0-9]+)?/[0-9]{1,3})$
  remedy: give a range of addresses such as 10.0.0.0/8
  secret: false
cidrs:
  pattern: ^([0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(%[a-z0-9]+)?/[0-9]{1,3})(, ?([0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(%[a-z0-9]+)?/[0-9]{1,3}))*$
  remedy: give ranges of addresses separated by commas, such as 10.42.0.0/16
  secret: false
header:
  pattern: ^[A-Za-z][A-Za-z0-9-]{0,99}$
  remedy: give the name of a header, such as X-Forwarded-User
  secret: false
line:
  pattern: ^\P{Cc}*$
  remedy: remove the line break or other control character (`echo -n` writes none)
  secret: true
api key:
  pattern: ^([^\p{C}\p{Z}]([^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?)?$
  remedy: 'use a key that an HTTP header can carry: no line break or other control character (`echo -n` writes none), and no blank at either end'
  secret: true
token:
  pattern: ^[!-~]*$
  remedy: 'use a key that an HTTP header can carry: only ASCII, without blanks and line breaks (`echo -n` writes none)'
  secret: true
{{- end }}

{{- define "mirage.model.variables" -}}
MIRAGE_DATABASE_URL: externalDatabase
MIRAGE_DATABASE_HOST: externalDatabase.host
MIRAGE_DATABASE_PORT: externalDatabase.port
MIRAGE_DATABASE_USER: externalDatabase.user
MIRAGE_DATABASE_PASSWORD: externalDatabase.password
MIRAGE_DATABASE_NAME: externalDatabase.name
MIRAGE_DATABASE_PARAMETERS: externalDatabase.parameters
MIRAGE_DATABASE_POOL_SIZE: config.database.poolSize
MIRAGE_DATABASE_CONNECT_TIMEOUT_SECONDS: config.database.connectTimeoutSeconds
MIRAGE_DATABASE_STATEMENT_TIMEOUT_SECONDS: config.database.statementTimeoutSeconds
MIRAGE_DATABASE_PREPARED_STATEMENTS: config.database.preparedStatements
MIRAGE_OLLAMA_URL: ollama.url
MIRAGE_OLLAMA_MODEL: config.ollama.model
MIRAGE_OLLAMA_TIMEOUT_SECONDS: config.ollama.timeoutSeconds
MIRAGE_OLLAMA_TOKEN: auth.ollamaToken
MIRAGE_OPENAI_URL: config.openai.url
MIRAGE_OPENAI_MODEL: config.openai.model
MIRAGE_OPENAI_KEY: auth.openaiKey
MIRAGE_OPENAI_TIMEOUT_SECONDS: config.openai.timeoutSeconds
MIRAGE_OPENAI_MAX_TOKENS: config.openai.maxTokens
MIRAGE_OPENAI_DIMENSIONS: config.openai.dimensions
MIRAGE_EMBEDDING_BACKEND: config.embedding.backend
MIRAGE_EMBEDDING_WEIGHTS: null
MIRAGE_EMBEDDING_BATCH_TOKENS: config.embedding.batchTokens
MIRAGE_EMBEDDING_CA_FILE: caCertificates
MIRAGE_EMBEDDING_PROXY: config.embedding.proxy
MIRAGE_EMBEDDING_PROXY_AUTH: auth.proxyExistingSecret
MIRAGE_CHUNK_SIZE: config.chunk.size
MIRAGE_CHUNK_OVERLAP: config.chunk.overlap
MIRAGE_DOCUMENTS_STORAGE: config.documents.storage
MIRAGE_DOCUMENTS_PATH: config.documents.path
MIRAGE_DOCUMENTS_MAX_UPLOAD_BYTES: config.documents.maxUploadBytes
MIRAGE_DOCUMENTS_MIN_FREE_BYTES: config.documents.minFreeBytes
MIRAGE_DOCUMENTS_ORPHAN_DAYS: config.documents.orphanDays
MIRAGE_S3_BUCKET: config.s3.bucket
MIRAGE_S3_PREFIX: config.s3.prefix
MIRAGE_S3_ENDPOINT: config.s3.endpoint
MIRAGE_S3_REGION: config.s3.region
MIRAGE_S3_PATH_STYLE: config.s3.pathStyle
MIRAGE_S3_ACCESS_KEY: auth.s3AccessKey
MIRAGE_S3_SECRET_KEY: auth.s3SecretKey
MIRAGE_S3_CA_FILE: caCertificates
MIRAGE_SEARCH_EXACT_BELOW: config.search.exactBelow
MIRAGE_SEARCH_CANDIDATES: config.search.candidates
MIRAGE_SEARCH_EMBED_TIMEOUT_SECONDS: config.search.embedTimeoutSeconds
MIRAGE_API_HOST: null
MIRAGE_API_PORT: null
MIRAGE_API_KEY: auth.apiKey
MIRAGE_API_ROOT_PATH: api.rootPath
MIRAGE_API_URL: null
MIRAGE_API_PUBLIC_URL: config.api.publicUrl
MIRAGE_API_DRAIN_SECONDS: null
MIRAGE_WEB_USER_HEADER: config.web.userHeader
MIRAGE_WEB_TRUSTED_PROXIES: config.web.trustedProxies
MIRAGE_WEB_USER_SCOPE: config.web.userScope
MIRAGE_METRICS_PORT: null
MIRAGE_INDEXER_POLL_SECONDS: config.indexer.pollSeconds
MIRAGE_INDEXER_LEASE_SECONDS: config.indexer.leaseSeconds
MIRAGE_INDEXER_MAX_ATTEMPTS: config.indexer.maxAttempts
MIRAGE_INDEXER_BACKOFF_BASE_SECONDS: config.indexer.backoffBaseSeconds
MIRAGE_INDEXER_BACKOFF_CAP_SECONDS: config.indexer.backoffCapSeconds
MIRAGE_INDEXER_PARSE_TIMEOUT_SECONDS: config.indexer.parseTimeoutSeconds
MIRAGE_INDEXER_PARSE_CPU_SECONDS: config.indexer.parseCpuSeconds
MIRAGE_INDEXER_PARSE_MEMORY_BYTES: config.indexer.parseMemoryBytes
MIRAGE_LOG_LEVEL: config.log.level
MIRAGE_LOG_FORMAT: config.log.format
MIRAGE_LOG_REQUESTS: config.log.requests
{{- end }}

{{- define "mirage.model.defaults" -}}
config.chunk.size: 400
config.chunk.overlap: 100
config.documents.path: /data/documents
config.indexer.parseMemoryBytes: 536870912
documents.persistence.enabled: true
documents.persistence.size: 10Gi
documents.persistence.storageClass: local-path
documents.persistence.accessModes:
- ReadWriteOnce
{{- end }}

{{- define "mirage.model.renamed" -}}
trustedCa.configMap: caCertificates.configMap
trustedCa.key: caCertificates.key
{{- end }}
