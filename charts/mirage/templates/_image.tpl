{{/* Reference of an image. Takes (dict "image" .Values.image "tag" <replacement for an empty tag>). */}}
{{- define "mirage.image" -}}
{{- with .image.registry }}{{ . }}/{{ end -}}
{{- .image.repository -}}
{{- if .image.digest -}}
@{{ .image.digest }}
{{- else -}}
:{{ include "mirage.text" .image.tag | default .tag }}
{{- end -}}
{{- end }}
