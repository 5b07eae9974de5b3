{{/* What the names of all objects begin with: the release's name unless it is overridden. */}}
{{- define "mirage.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if .Values.nameOverride -}}
{{- printf "%s-%s" .Release.Name .Values.nameOverride -}}
{{- else -}}
{{- .Release.Name -}}
{{- end -}}
{{- end }}

{{/* Name of one object. Takes (list $ "api"). */}}
{{- define "mirage.name" -}}
{{- printf "%s-%s" (include "mirage.fullname" (first .)) (last .) -}}
{{- end }}

{{/* The longest of all suffixes: that of the Job whose name ends in a hash. */}}
{{- define "mirage.longestSuffix" -}}
-pull-01234567
{{- end }}

{{/* The chart's own Secret. */}}
{{- define "mirage.secret" -}}
{{- include "mirage.name" (list . "secret") -}}
{{- end }}

{{/* The Secret that holds the API's key. */}}
{{- define "mirage.auth.secret" -}}
{{- .Values.auth.existingSecret | default (include "mirage.secret" .) -}}
{{- end }}

{{/* The Secret of the user's that holds the database's password; empty when it is the chart's. */}}
{{- define "mirage.database.existingSecret" -}}
{{- if .Values.postgresql.enabled -}}
{{- .Values.postgresql.auth.existingSecret | default "" -}}
{{- else -}}
{{- .Values.externalDatabase.existingSecret | default "" -}}
{{- end -}}
{{- end }}

{{/* Who makes the embeddings: a value of config.embedding.backend. */}}
{{- define "mirage.backend" -}}
{{- .Values.config.embedding.backend | default "ollama" -}}
{{- end }}

{{/* Address of Ollama, here or elsewhere; empty where there is none. */}}
{{- define "mirage.ollama.url" -}}
{{- if .Values.ollama.enabled -}}
http://{{ include "mirage.name" (list . "ollama") }}:11434
{{- else -}}
{{- .Values.ollama.url | default "" -}}
{{- end -}}
{{- end }}
