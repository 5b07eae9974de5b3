{{/* The indexer and the migration before it differ only in their role. Takes (list $ "migrate"). */}}
{{- define "mirage.indexer.container" -}}
{{- with first . -}}
{{ include "mirage.program" (list . .Values.indexer.resources) }}
args: [{{ last $ }}]
envFrom:
  - configMapRef:
      name: {{ include "mirage.name" (list . "config") }}
env:
  {{- include "mirage.env.database" . | nindent 2 }}
  {{- if eq (last $) "indexer" }}
  {{- with include "mirage.env.openaiKey" . }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- with .Values.indexer.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumeMounts:
  {{- include "mirage.documents.mounts" . | nindent 2 }}
{{- end }}
{{- end }}
