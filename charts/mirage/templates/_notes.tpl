{{/* What NOTES.txt says. */}}

{{/* A table of what is installed. */}}
{{- define "mirage.notes.table" -}}
{{- $row := "%-11s %s" -}}
{{- if .Values.api.enabled }}
{{ printf $row "API" (printf "%s:%v%s" (include "mirage.name" (list . "api")) .Values.api.service.port (.Values.api.rootPath | default "")) }}
{{- if .Values.ingress.enabled }}
{{- range prepend (.Values.ingress.extraHosts | default list) .Values.ingress.host | uniq }}
{{ printf $row "" (printf "%s://%s%s" (ternary "https" "http" $.Values.ingress.tls.enabled) . ($.Values.api.rootPath | default "")) }}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.indexer.enabled }}
{{ printf $row "Indexer" (printf "chunks of %s tokens, from %s" (.Values.config.chunk.size | default "the default number of" | toString) (include "mirage.notes.originals" .)) }}
{{- end }}
{{- if .Values.postgresql.enabled }}
{{ printf $row "PostgreSQL" (include "mirage.image" (dict "root" . "image" .Values.postgresql.image)) }}
{{- else if .Values.externalDatabase.urlKey }}
{{ printf $row "PostgreSQL" (printf "at the URL in the Secret %s" .Values.externalDatabase.existingSecret) }}
{{- else }}
{{ printf $row "PostgreSQL" (printf "%s:%v" .Values.externalDatabase.host .Values.externalDatabase.port) }}
{{- end }}
{{- if eq (include "mirage.backend" .) "openai" }}
{{ printf $row "Embeddings" (printf "%s from %s" .Values.config.openai.model .Values.config.openai.url) }}
{{- else }}
{{ printf $row "Embeddings" (printf "%s from %s" (.Values.config.ollama.model | default "the default model") (include "mirage.ollama.url" .)) }}
{{- end }}
{{- end }}

{{- define "mirage.notes.originals" -}}
{{- if include "mirage.s3" . -}}
the bucket {{ .Values.config.s3.bucket }}
{{- else -}}
the volume {{ include "mirage.claim" (list . "documents") }}
{{- end -}}
{{- end }}

{{/* Values that work, but probably not as they are meant; one sentence a line. */}}
{{- define "mirage.warnings" -}}
{{- $ingress := .Values.ingress -}}
{{- if $ingress.enabled -}}
{{- if and $ingress.tls.enabled (not $ingress.tls.defaultCertificate) -}}
{{- $secret := $ingress.tls.secretName | default (include "mirage.name" (list . "tls")) -}}
{{- if and $ingress.tls.clusterIssuer (not (.Capabilities.APIVersions.Has "cert-manager.io/v1")) }}
{{ printf "the cluster has no cert-manager, so nothing makes the certificate in the Secret %s: install cert-manager, or put a certificate there, or set ingress.tls.defaultCertificate=true" $secret }}
{{- else if and .Release.IsUpgrade $ingress.tls.clusterIssuer (not (lookup "cert-manager.io/v1" "ClusterIssuer" "" $ingress.tls.clusterIssuer)) }}
{{ printf "there is no ClusterIssuer %s: create it, or set ingress.tls.clusterIssuer" $ingress.tls.clusterIssuer }}
{{- end -}}
{{- end -}}
{{- if not $ingress.tls.enabled }}
{{ print "the Ingress serves HTTP, so keys and documents travel in clear text: set ingress.tls.enabled=true" }}
{{- end -}}
{{- else -}}
{{- range $key := list "host" "extraHosts" -}}
{{- if index $ingress $key }}
{{ printf "ingress.%s has no effect, because ingress.enabled is false" $key }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $key := list "parentRefs" "hostnames" -}}
{{- if and (index $.Values.httpRoute $key) (not $.Values.httpRoute.enabled) }}
{{ printf "httpRoute.%s has no effect, because httpRoute.enabled is false" $key }}
{{- end -}}
{{- end -}}
{{- if not (include "mirage.policies" .) -}}
{{- range $key := list "apiFrom" "metricsFrom" "databaseTo" "embedderTo" "s3To" "registryTo" "extraEgress" -}}
{{- if index $.Values.networkPolicy $key }}
{{ printf "networkPolicy.%s has no effect, because networkPolicy.enabled is not true" $key }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.ollama.enabled (eq (include "mirage.backend" .) "openai") }}
{{ print "Ollama runs, but config.embedding.backend is openai: set ollama.enabled=false" }}
{{- end -}}
{{- range $name := list "postgresql" "ollama" -}}
{{- $of := index $.Values $name -}}
{{- if and $of.enabled (not $of.persistence.enabled) }}
{{ printf "%s.persistence.enabled is false: its data is lost with the pod" $name }}
{{- end -}}
{{- end -}}
{{- range $name := list "api" "indexer" "postgresql" "ollama" -}}
{{- $of := index $.Values $name -}}
{{- if and $of.enabled (eq (toString $of.replicas) "0") }}
{{ printf "%s.replicas is 0: it does not run" $name }}
{{- end -}}
{{- end -}}
{{- if and .Values.api.enabled (eq (toString .Values.api.replicas) "1") (not (include "mirage.many" .Values.api)) }}
{{ print "the API has one replica, so it pauses while its pod moves to another node" }}
{{- end -}}
{{- if not (include "mirage.policies" .) }}
{{ print "there are no NetworkPolicies, so every pod of the cluster may connect to all components: set networkPolicy.enabled=true if the cluster's network enforces them" }}
{{- end -}}
{{- if and .Values.metrics.podMonitor.enabled (include "mirage.policies" .) (not .Values.networkPolicy.metricsFrom) }}
{{ print "networkPolicy.metricsFrom is empty, so Prometheus cannot read the metrics: name its namespace there" }}
{{- end -}}
{{- range $name, $version := dict "podMonitor" "monitoring.coreos.com/v1/PodMonitor" "rules" "monitoring.coreos.com/v1/PrometheusRule" -}}
{{- if and (index $.Values.metrics $name).enabled ($.Capabilities.APIVersions.Has "v1/Binding") (not ($.Capabilities.APIVersions.Has $version)) }}
{{ printf "metrics.%s.enabled is true, but the cluster has no Prometheus Operator" $name }}
{{- end -}}
{{- end -}}
{{- if and .Release.IsInstall (not .Values.auth.apiKey) (not .Values.auth.existingSecret) .Values.api.enabled }}
{{ printf "the API key is generated and stands only in the Secret %s: keep a copy" (include "mirage.secret" .) }}
{{- end -}}
{{- end }}

{{/* What `helm uninstall` leaves, and the command that deletes it. */}}
{{- define "mirage.notes.left" -}}
{{- $left := list -}}
{{- range $name := list "postgresql" "ollama" "documents" -}}
{{- $of := index $.Values $name -}}
{{- $used := not (and (eq $name "documents") (include "mirage.s3" $)) -}}
{{- if and $used (ne $of.enabled false) $of.persistence.enabled (not $of.persistence.existingClaim) -}}
{{- $left = append $left (printf "pvc/%s" (include "mirage.claim" (list $ $name))) -}}
{{- end -}}
{{- end -}}
{{- if not (and .Values.auth.existingSecret (include "mirage.database.existingSecret" .)) -}}
{{- $left = append $left (printf "secret/%s" (include "mirage.secret" .)) -}}
{{- end -}}
{{- if and .Values.tests.enabled .Values.api.enabled -}}
{{- $left = append $left (printf "pod/%s pod/%s" (include "mirage.name" (list . "test-health")) (include "mirage.name" (list . "test-ingest"))) -}}
{{- end -}}
{{- if $left -}}
`helm uninstall` keeps the data. To delete it for ever, afterwards:

  kubectl delete -n {{ .Release.Namespace }} --ignore-not-found {{ join " " $left }}
{{- end -}}
{{- end }}

{{/* The address of the page for people: that of the Ingress, or the forwarded port. */}}
{{- define "mirage.notes.page" -}}
{{- $path := .Values.api.rootPath | default "" -}}
{{- if .Values.config.api.publicUrl -}}
{{ .Values.config.api.publicUrl }}
{{- else if .Values.ingress.enabled -}}
{{ printf "%s://%s%s" (ternary "https" "http" .Values.ingress.tls.enabled) .Values.ingress.host $path }}
{{- else -}}
http://localhost:8000{{ $path }}/
{{- end -}}
{{- end }}
