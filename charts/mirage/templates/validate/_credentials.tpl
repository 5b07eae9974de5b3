{{/* A credential has one source, and a key of a Secret needs its Secret. */}}
{{- define "mirage.validate.credentials" -}}
{{- range $table := list "auth" "postgresql.auth" "externalDatabase" -}}
{{- $values := $.Values -}}
{{- range splitList "." $table -}}
{{- $values = get $values . -}}
{{- end -}}
{{- range $key, $existing := dict "apiKey" "existingSecret" "openaiKey" "openaiExistingSecret" "password" "existingSecret" -}}
{{- if and (get $values $key) (get $values $existing) }}
{{ printf "%s.%s and %s.%s are both set: remove one of them" $table $key $table $existing }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
