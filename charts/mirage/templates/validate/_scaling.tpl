{{/* Autoscalers: they own the number of pods. */}}
{{- define "mirage.validate.scaling" -}}
{{- range $name := list "api" "indexer" -}}
{{- $values := index $.Values $name -}}
{{- with $values.autoscaling -}}
{{- if .enabled -}}
{{- if not $values.enabled }}
{{ printf "%s.autoscaling.enabled is true, but %s.enabled is false: there is nothing to scale" $name $name }}
{{- end -}}
{{- if not (or (kindIs "invalid" $values.replicas) (eq (toString $values.replicas) "1")) }}
{{ printf "%s.replicas is %v while %s.autoscaling.enabled is true: remove it, and set %s.autoscaling.minReplicas" $name $values.replicas $name $name }}
{{- end -}}
{{- if gt (int .minReplicas) (int .maxReplicas) }}
{{ printf "%s.autoscaling.minReplicas (%v) is more than %s.autoscaling.maxReplicas (%v): lower it or raise the other" $name .minReplicas $name .maxReplicas }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.api.autoscaling.enabled (not (dig "requests" "cpu" "" (.Values.api.resources | default dict))) }}
{{ print "api.autoscaling.enabled is true, but api.resources.requests.cpu is not set, of which the use is measured: set it" }}
{{- end -}}
{{- end }}
