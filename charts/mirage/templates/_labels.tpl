{{/* Labels of an object. Takes (list $ "api"), or (list $ "api" <more labels> …). */}}
{{- define "mirage.labels" -}}
{{- $root := first . -}}
{{ include "mirage.podLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | toJson }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
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

{{/* Labels of a pod, without versions, which would restart it at every upgrade. Takes what
     "mirage.labels" takes. A key given twice is written once: an object's own label wins over a
     common one. */}}
{{- define "mirage.podLabels" -}}
{{- $root := first . -}}
{{- $component := index . 1 -}}
{{- $given := dict -}}
{{- range slice . 2 -}}
{{- $given = merge $given (. | default dict) -}}
{{- end -}}
{{ include "mirage.selector" (list $root $component) }}
app.kubernetes.io/component: {{ $component }}
app.kubernetes.io/part-of: mirage
{{- with merge $given ($root.Values.commonLabels | default dict) }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Selector for the pods of a component. It must never change. */}}
{{- define "mirage.selector" -}}
app.kubernetes.io/name: {{ last . }}
app.kubernetes.io/instance: {{ include "mirage.instance" (first .) | toJson }}
{{- end }}
