{{/* Triggers of KEDA: the work that is left, as mirage/db/queue/backlog.py counts it. Takes the root. */}}
{{- define "mirage.backlog" -}}
{{- $scaling := .Values.indexer.autoscaling -}}
{{- include "mirage.backlog.trigger" (dict "root" . "name" "documents" "target" $scaling.documentsPerReplica "query" "SELECT count(*) FROM document WHERE status IN ('pending', 'parsing', 'embedding')") }}
{{ include "mirage.backlog.trigger" (dict "root" . "name" "passages" "target" $scaling.passagesPerReplica "query" "SELECT count(*) FROM chunk c JOIN generation g ON g.id = c.generation_id AND g.state IN ('active', 'building') WHERE c.status = 'pending'") }}
{{- end }}

{{/* One trigger. Takes `root`, its `name`, the `query`, and how much of its answer is for one pod: the
     `target`. */}}
{{- define "mirage.backlog.trigger" -}}
- type: postgresql
  name: {{ .name }}
  metadata:
    query: {{ toJson .query }}
    targetQueryValue: {{ toJson .target | quote }}
    {{- with .root }}
    {{- if .Values.postgresql.enabled }}
    # KEDA is in another namespace.
    host: {{ include "mirage.name" (list . "postgresql") }}.{{ .Release.Namespace }}.svc
    port: "5432"
    userName: mirage
    dbName: mirage
    sslmode: disable
    {{- else if not .Values.externalDatabase.urlKey }}
    {{- $external := .Values.externalDatabase }}
    host: {{ toJson $external.host }}
    port: {{ toJson $external.port | quote }}
    userName: {{ toJson $external.user }}
    dbName: {{ toJson $external.name }}
    sslmode: {{ $external.sslMode | default "prefer" }}
    {{- end }}
    {{- end }}
  authenticationRef:
    name: {{ include "mirage.name" (list .root "indexer") }}
{{- end }}
