{{/* Names of objects, which are made of the release name and of overrides. */}}
{{- define "mirage.validate.names" -}}
{{- $name := include "mirage.fullname" . -}}
{{- $limit := sub 63 (len (include "mirage.longestSuffix" .)) | int -}}
{{- $source := "release name" -}}
{{- $remedy := "choose a shorter one, or set fullnameOverride" -}}
{{- if .Values.fullnameOverride -}}
{{- $source = "fullnameOverride" -}}
{{- $remedy = "choose a shorter one" -}}
{{- else if .Values.nameOverride -}}
{{- $source = "release name with nameOverride," -}}
{{- $remedy = "choose a shorter nameOverride, or set fullnameOverride" -}}
{{- end -}}
{{- if gt (len $name) $limit }}
{{ printf "%s %q has %d characters, at most %d fit: %s" $source $name (len $name) $limit $remedy }}
{{- else if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{ printf "%s %q is not a valid name for a Service: begin with a letter and use only a-z, 0-9 and '-', or set fullnameOverride" $source $name }}
{{- end -}}
{{- $cronJob := include "mirage.name" (list . "backup") -}}
{{- if and .Values.backup.enabled (gt (len $cronJob) 52) }}
{{ printf "the name of the backup's CronJob, %q, has %d characters, at most 52 fit: %s" $cronJob (len $cronJob) $remedy }}
{{- end -}}
{{- end }}
