{{/* Keys that have another name now. Comes first, because the new key then has its default. */}}
{{- define "mirage.validate.renamed" -}}
{{- range $old, $new := include "mirage.model.renamed" . | fromYaml -}}
{{- $value := $.Values -}}
{{- range splitList "." $old -}}
{{- $value = ternary $value dict (kindIs "map" $value) -}}
{{- $value = index $value . -}}
{{- end -}}
{{- if not (kindIs "invalid" $value) }}
{{ printf "%s has another name: set %s instead" $old $new }}
{{- end -}}
{{- end -}}
{{- end }}
