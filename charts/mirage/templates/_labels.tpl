{{/* Labels of an object. Takes (list $ "api"), or (list $ "api" <more labels>). */}}
{{- define "mirage.labels" -}}
{{- $root := first . -}}
{{ include "mirage.podLabels" (list $root (index . 1)) }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | toJson }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- if gt (len .) 2 }}
{{- with last . }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end }}

{{/* Annotations of an object, as a whole field or nothing. Takes (list $ <annotations> …). */}}
{{- define "mirage.annotations" -}}
{{- $annotations := dict -}}
{{- range rest . -}}
{{- $annotations = merge $annotations (. | default dict) -}}
{{- end -}}
{{- with merge $annotations ((first .).Values.commonAnnotations | default dict) -}}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end }}

{{/* Labels of a pod, without versions, which would restart it at every upgrade. */}}
{{- define "mirage.podLabels" -}}
{{ include "mirage.selector" . }}
app.kubernetes.io/component: {{ last . }}
app.kubernetes.io/part-of: mirage
{{- with (first .).Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Selector for the pods of a component. It must never change. */}}
{{- define "mirage.selector" -}}
app.kubernetes.io/name: {{ last . }}
app.kubernetes.io/instance: {{ include "mirage.instance" (first .) | toJson }}
{{- end }}
