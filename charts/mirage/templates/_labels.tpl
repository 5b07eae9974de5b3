{{/* Labels of an object. Takes (list $ "api"). */}}
{{- define "mirage.labels" -}}
{{- $root := first . -}}
{{ include "mirage.podLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | toJson }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Labels of a pod, without versions, which would restart it at every upgrade. */}}
{{- define "mirage.podLabels" -}}
{{ include "mirage.selector" . }}
app.kubernetes.io/component: {{ last . }}
app.kubernetes.io/part-of: mirage
{{- end }}

{{/* Selector for the pods of a component. It must never change. */}}
{{- define "mirage.selector" -}}
app.kubernetes.io/name: {{ last . }}
app.kubernetes.io/instance: {{ (first .).Release.Name | toJson }}
{{- end }}
