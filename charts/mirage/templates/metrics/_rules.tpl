{{/* Selector of the series of this release, as the PodMonitor labels them. */}}
{{- define "mirage.series" -}}
namespace="{{ .Release.Namespace }}",job=~"{{ include "mirage.fullname" . }}-(api|indexer)"
{{- end }}

{{/* One alert. Takes `root`, its `name`, `expr`, the time `for` which it must hold, its `severity`, and a
     `summary`. */}}
{{- define "mirage.alert" -}}
- alert: {{ .name }}
  expr: {{ toJson .expr }}
  for: {{ .for }}
  labels:
    severity: {{ .severity }}
  annotations:
    summary: {{ printf "miRAGe %s/%s: %s" .root.Release.Namespace (include "mirage.fullname" .root) .summary | toJson }}
    runbook_url: {{ .root.Chart.Home }}/blob/main/docs/alerts.md#{{ lower .name }}
{{- end }}
