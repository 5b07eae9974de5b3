{{/* Refuses values that cannot work, before anything is made. Each manifest includes this first,
     because Helm promises no order of files; the result is kept in `.Values`. Each stage may rely on
     those before it, and all mistakes of a stage are named at once. */}}
{{- define "mirage.validate" -}}
{{- if not (hasKey .Values "_valid") -}}
{{- range $stage := list (list "renamed") (list "required") (list "rules") (list "names" "credentials" "database" "embedder" "storage" "workloads" "scaling" "volumes" "network") -}}
{{- $mistakes := list -}}
{{- range $stage -}}
{{- $mistakes = concat $mistakes (include (printf "mirage.validate.%s" .) $ | splitList "\n" | compact) -}}
{{- end -}}
{{- if $mistakes -}}
{{- fail (printf "ERROR: %s" (join "\nERROR: " $mistakes)) -}}
{{- end -}}
{{- end -}}
{{- $_ := set .Values "_valid" true -}}
{{- end -}}
{{- end }}

{{/* Keys that must not be null. The schema cannot require them, because Helm deletes a key that is
     null before it validates. */}}
{{- define "mirage.validate.required" -}}
{{- $missing := "" -}}
{{- range $path := include "mirage.model.required" . | fromYamlArray -}}
{{- $value := $.Values -}}
{{- range splitList "." $path -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $value = index $value . -}}
{{- end -}}
{{- end -}}
{{- if and (kindIs "invalid" $value) (not (and $missing (hasPrefix (printf "%s." $missing) $path))) -}}
{{- $missing = $path }}
{{ printf "%s must not be null: set a value, or remove the key to use the default" $path }}
{{- end -}}
{{- end -}}
{{- end }}
