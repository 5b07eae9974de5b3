{{/* Volumes, and how many pods may share them. */}}
{{- define "mirage.validate.volumes" -}}
{{- $documents := .Values.documents.persistence -}}
{{- if include "mirage.s3" . -}}
{{- else if not $documents.enabled }}
{{ print "documents.persistence.enabled is false, but API and indexer share the originals: leave it true, or set config.documents.storage=s3" }}
{{- else if has "ReadWriteOncePod" $documents.accessModes }}
{{ print "documents.persistence.accessModes includes ReadWriteOncePod, but API and indexer share the volume: use ReadWriteOnce or ReadWriteMany" }}
{{- end -}}
{{- if and (gt (.Values.ollama.replicas | default 0 | int) 1) (eq (include "mirage.persistence.oneNode" .Values.ollama.persistence) "true") }}
{{ print "ollama.replicas is more than 1, but ollama.persistence.accessModes does not include ReadWriteMany: add it, or use one replica" }}
{{- end -}}
{{- range $name := list "documents" "postgresql" "ollama" -}}
{{- $volume := (index $.Values $name).persistence -}}
{{- range $key := list "volumeName" "selector" "labels" "annotations" -}}
{{- if and $volume.existingClaim (index $volume $key) }}
{{ printf "%s.persistence.%s is for a new claim, but %s.persistence.existingClaim is set: remove one of them" $name $key $name }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $path := .Values.config.documents.path -}}
{{- if regexMatch "^/(bin|boot|dev|etc|lib|lib64|proc|root|run|sbin|sys|tmp|usr|var|opt/mirage)(/|$)" $path }}
{{ printf "config.documents.path is %q, which belongs to the system: use a folder of its own, such as /data/documents" $path }}
{{- end -}}
{{- end }}
