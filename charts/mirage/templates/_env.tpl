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
{{- range $group, $settings := .Values.config }}
{{- range $setting, $value := $settings }}
{{- if not (kindIs "invalid" $value) }}
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
{{- $key := ternary "postgresql-password" $external.passwordKey .Values.postgresql.enabled -}}
{{- include "mirage.env.secret" (list "MIRAGE_DATABASE_PASSWORD" $existing $key) }}
{{- range $name, $value := include "mirage.database" . | fromJson }}
- name: MIRAGE_DATABASE_{{ $name | upper }}
  value: {{ include "mirage.text" $value | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mirage.env.apiKey" -}}
{{- include "mirage.env.secret" (list "MIRAGE_API_KEY" (include "mirage.auth.secret" .) "api-key") -}}
{{- end }}

{{/* The key of the embedding server, if it needs one. */}}
{{- define "mirage.env.openaiKey" -}}
{{- if and (eq (include "mirage.backend" .) "openai") (or .Values.auth.openaiExistingSecret (include "mirage.text" .Values.auth.openaiKey)) -}}
{{- include "mirage.env.secret" (list "MIRAGE_OPENAI_KEY" (.Values.auth.openaiExistingSecret | default (include "mirage.secret" .)) "openai-api-key") -}}
{{- end }}
{{- end }}

{{/* One variable from a Secret. Takes (list <variable> <secret> <key>). */}}
{{- define "mirage.env.secret" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ index . 1 | toJson }}
      key: {{ index . 2 | toJson }}
{{- end }}
