{{/* A value as text. toJson writes large numbers as digits; quote would write 3.221225472e+09. */}}
{{- define "mirage.text" -}}
{{- if kindIs "string" . -}}
{{- . -}}
{{- else if not (kindIs "invalid" .) -}}
{{- toJson . -}}
{{- end -}}
{{- end }}

{{/* The data of the ConfigMap. A setting without a value is omitted. */}}
{{- define "mirage.config" -}}
{{- with include "mirage.ollama.url" . }}
MIRAGE_OLLAMA_URL: {{ toJson . }}
{{- end }}
{{- with include "mirage.ca.file" . }}
MIRAGE_EMBEDDING_CA_FILE: {{ toJson . }}
{{- end }}
{{- if and (include "mirage.s3" .) (include "mirage.ca.file" .) }}
MIRAGE_S3_CA_FILE: {{ include "mirage.ca.file" . | toJson }}
{{- end }}
{{- with include "mirage.database.parameters" . }}
MIRAGE_DATABASE_PARAMETERS: {{ toJson . }}
{{- end }}
{{- with .Values.api.rootPath }}
MIRAGE_API_ROOT_PATH: {{ toJson . }}
{{- end }}
{{- range $group, $settings := .Values.config }}
{{- range $setting, $value := $settings }}
{{- if not (or (kindIs "invalid" $value) (and (include "mirage.s3" $) (eq $group "documents") (eq $setting "path"))) }}
MIRAGE_{{ $group | upper }}_{{ $setting | snakecase | upper }}: {{ include "mirage.text" $value | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Host, port, user and name of the database as JSON. */}}
{{- define "mirage.database" -}}
{{- if .Values.postgresql.enabled -}}
{{- dict "host" (include "mirage.name" (list . "postgresql")) "port" 5432 "user" "mirage" "name" "mirage" | toJson -}}
{{- else -}}
{{- pick .Values.externalDatabase "host" "port" "user" "name" | toJson -}}
{{- end -}}
{{- end }}

{{/* Parameters of the connection to an external database, as in a URL. */}}
{{- define "mirage.database.parameters" -}}
{{- if not .Values.postgresql.enabled -}}
{{- $given := .Values.externalDatabase.parameters | default dict -}}
{{- $parameters := dict -}}
{{- with .Values.externalDatabase.sslMode -}}
{{- $_ := set $parameters "sslmode" . -}}
{{- if hasPrefix "verify-" . -}}
{{- $_ := set $parameters "sslrootcert" (include "mirage.ca.file" $ | default "system") -}}
{{- end -}}
{{- end -}}
{{- $pairs := list -}}
{{- range $name, $value := merge dict $given $parameters -}}
{{- $pairs = append $pairs (printf "%s=%s" $name (urlquery $value | replace "+" "%20")) -}}
{{- end -}}
{{- join "&" $pairs -}}
{{- end -}}
{{- end }}

{{/* How to connect to the database: a URL if possible, or its parts if the password is in a Secret
     of the user. */}}
{{- define "mirage.env.database" -}}
{{- $existing := include "mirage.database.existingSecret" . -}}
{{- $external := .Values.externalDatabase -}}
{{- if not $existing -}}
{{- include "mirage.env.secret" (list "MIRAGE_DATABASE_URL" (include "mirage.secret" .) "database-url") -}}
{{- else if and $external.urlKey (not .Values.postgresql.enabled) -}}
{{- include "mirage.env.secret" (list "MIRAGE_DATABASE_URL" $existing $external.urlKey) -}}
{{- else -}}
{{- include "mirage.env.secret" (list "MIRAGE_DATABASE_PASSWORD" $existing (include "mirage.database.passwordKey" .)) }}
{{- range $name, $value := include "mirage.database" . | fromJson }}
- name: MIRAGE_DATABASE_{{ $name | upper }}
  value: {{ include "mirage.text" $value | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mirage.env.apiKey" -}}
{{- $key := ternary .Values.auth.existingSecretKey "api-key" (not (empty .Values.auth.existingSecret)) -}}
{{- include "mirage.env.secret" (list "MIRAGE_API_KEY" (include "mirage.auth.secret" .) $key) -}}
{{- end }}

{{/* Credentials for the embedding server and the way to it. */}}
{{- define "mirage.env.embedder" -}}
{{- if eq (include "mirage.backend" .) "openai" -}}
{{- include "mirage.env.given" (dict "root" . "name" "openai" "variable" "MIRAGE_OPENAI_KEY" "value" .Values.auth.openaiKey "ownKey" "openai-api-key") }}
{{- else if not .Values.ollama.enabled -}}
{{- include "mirage.env.ollama" . }}
{{- end }}
{{- include "mirage.env.given" (dict "root" . "name" "proxy" "variable" "MIRAGE_EMBEDDING_PROXY_AUTH") }}
{{- end }}

{{/* The keys for the bucket of the originals, or nothing. */}}
{{- define "mirage.env.s3" -}}
{{- if include "mirage.s3" . -}}
{{- $auth := .Values.auth -}}
{{- $secret := $auth.s3ExistingSecret | default (include "mirage.secret" .) }}
{{ include "mirage.env.secret" (list "MIRAGE_S3_ACCESS_KEY" $secret (ternary $auth.s3ExistingSecretAccessKey "s3-access-key" (not (empty $auth.s3ExistingSecret)))) }}
{{ include "mirage.env.secret" (list "MIRAGE_S3_SECRET_KEY" $secret (ternary $auth.s3ExistingSecretSecretKey "s3-secret-key" (not (empty $auth.s3ExistingSecret)))) }}
{{- end -}}
{{- end }}

{{- define "mirage.env.ollama" -}}
{{- include "mirage.env.given" (dict "root" . "name" "ollama" "variable" "MIRAGE_OLLAMA_TOKEN" "value" .Values.auth.ollamaToken "ownKey" "ollama-token") -}}
{{- end }}

{{/* A variable from the user's Secret, or from the chart's if a value is given, or nothing. Takes
     `root`, the prefix `name` of the keys under `auth`, the `variable`, the `value`, and its
     `ownKey` in the chart's Secret. */}}
{{- define "mirage.env.given" -}}
{{- $existing := index .root.Values.auth (printf "%sExistingSecret" .name) -}}
{{- if $existing }}
{{ include "mirage.env.secret" (list .variable $existing (index .root.Values.auth (printf "%sExistingSecretKey" .name))) }}
{{- else if .value }}
{{ include "mirage.env.secret" (list .variable (include "mirage.secret" .root) .ownKey) }}
{{- end -}}
{{- end }}

{{/* One variable from a Secret. Takes (list <variable> <secret> <key>). */}}
{{- define "mirage.env.secret" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ index . 1 | toJson }}
      key: {{ index . 2 | toJson }}
{{- end }}
