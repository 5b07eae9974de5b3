{{/* Reference of an image. Takes `root`, the `image` of values, and `tag`, which replaces an empty
     tag. */}}
{{- define "mirage.image" -}}
{{- with .root.Values.global.imageRegistry | default .image.registry }}{{ . }}/{{ end -}}
{{- .image.repository -}}
{{- if .image.digest -}}
@{{ .image.digest }}
{{- else -}}
:{{ .image.tag | default .tag }}
{{- end -}}
{{- end }}

{{/* Tag of the image of this release; the chart of a release adds the digest. */}}
{{- define "mirage.image.release" -}}
{{- .Chart.AppVersion -}}
{{- with index (.Chart.Annotations | default dict) "mirage-rag.github.io/image-digest" -}}@{{ . }}{{- end -}}
{{- end }}
