{{/* Prefix of the names of all objects: the release name, unless overridden. In a parent chart, the
     name (or alias) of this chart follows, so that two of them do not meet. */}}
{{- define "mirage.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if .Values.nameOverride -}}
{{- printf "%s-%s" .Release.Name .Values.nameOverride -}}
{{- else if .Chart.IsRoot -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name -}}
{{- end -}}
{{- end }}

{{/* The label `instance`. In a parent chart it is not the release's, because a component of that
     chart may be called `api` too. */}}
{{- define "mirage.instance" -}}
{{- .Chart.IsRoot | ternary .Release.Name (include "mirage.fullname" .) -}}
{{- end }}

{{/* Name of one object. Takes (list $ "api"). */}}
{{- define "mirage.name" -}}
{{- printf "%s-%s" (include "mirage.fullname" (first .)) (last .) -}}
{{- end }}

{{/* The longest suffix: that of the Job, whose name ends with a hash. */}}
{{- define "mirage.longestSuffix" -}}
-pull-01234567
{{- end }}

{{/* The chart's own Secret. */}}
{{- define "mirage.secret" -}}
{{- include "mirage.name" (list . "secret") -}}
{{- end }}

{{/* The Secret with the key of the API. */}}
{{- define "mirage.auth.secret" -}}
{{- .Values.auth.existingSecret | default (include "mirage.secret" .) -}}
{{- end }}

{{/* The ServiceAccount of all pods; empty for the namespace's default. */}}
{{- define "mirage.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "mirage.fullname" .) "") -}}
{{- end }}

{{/* The user's Secret with the database password; empty if the chart's own Secret has it. */}}
{{- define "mirage.database.existingSecret" -}}
{{- if .Values.postgresql.enabled -}}
{{- .Values.postgresql.auth.existingSecret | default "" -}}
{{- else -}}
{{- .Values.externalDatabase.existingSecret | default "" -}}
{{- end -}}
{{- end }}

{{/* The key of that password in the user's Secret, or in the chart's. */}}
{{- define "mirage.database.passwordKey" -}}
{{- if include "mirage.database.existingSecret" . -}}
{{- ternary .Values.postgresql.auth.existingSecretKey .Values.externalDatabase.passwordKey .Values.postgresql.enabled -}}
{{- else -}}
postgresql-password
{{- end -}}
{{- end }}

{{/* The embedding backend: a value of config.embedding.backend. */}}
{{- define "mirage.backend" -}}
{{- .Values.config.embedding.backend | default "ollama" -}}
{{- end }}

{{/* Address of the API within the cluster. */}}
{{- define "mirage.api.url" -}}
http://{{ include "mirage.name" (list . "api") }}:{{ toJson .Values.api.service.port }}
{{- end }}

{{/* Address of Ollama, in the release or outside it; empty without Ollama. */}}
{{- define "mirage.ollama.url" -}}
{{- if .Values.ollama.enabled -}}
http://{{ include "mirage.name" (list . "ollama") }}:11434
{{- else -}}
{{- .Values.ollama.url | default "" -}}
{{- end -}}
{{- end }}

{{/* The models that the Job pulls, as a JSON list. */}}
{{- define "mirage.ollama.models" -}}
{{- prepend (.Values.ollama.models | default list) .Values.config.ollama.model | compact | uniq | toJson -}}
{{- end }}
