{{/* Access from outside. */}}
{{- define "mirage.validate.network" -}}
{{- $ingress := .Values.ingress -}}
{{- if and $ingress.enabled (not $ingress.host) }}
{{ print "ingress.host is not set while ingress.enabled is true: set it to the host name of the API" }}
{{- end -}}
{{- if and $ingress.tls.enabled $ingress.tls.clusterIssuer (hasKey ($ingress.annotations | default dict) "cert-manager.io/cluster-issuer") }}
{{ print "ingress.annotations[\"cert-manager.io/cluster-issuer\"] repeats ingress.tls.clusterIssuer: remove the annotation" }}
{{- end -}}
{{- end }}
