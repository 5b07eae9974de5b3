{{/* Where the originals are, and nothing that is not used there. */}}
{{- define "mirage.validate.storage" -}}
{{- if include "mirage.s3" . -}}
{{- include "mirage.validate.bucket" . -}}
{{- else -}}
{{- range $key, $value := .Values.config.s3 -}}
{{- if not (kindIs "invalid" $value) }}
{{ printf "config.s3.%s is set while config.documents.storage is volume: set config.documents.storage=s3, or remove config.s3.%s" $key $key }}
{{- end -}}
{{- end -}}
{{- range $key := list "s3AccessKey" "s3SecretKey" "s3ExistingSecret" -}}
{{- if get $.Values.auth $key }}
{{ printf "auth.%s is set while config.documents.storage is volume: set config.documents.storage=s3, or remove auth.%s" $key $key }}
{{- end -}}
{{- end -}}
{{- if .Values.networkPolicy.s3To }}
{{ print "networkPolicy.s3To is set while config.documents.storage is volume: remove it" }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* A bucket with its keys, and no volume. */}}
{{- define "mirage.validate.bucket" -}}
{{- if not .Values.config.s3.bucket }}
{{ print "config.s3.bucket is not set while config.documents.storage is s3: set it to the name of your bucket" }}
{{- end -}}
{{- if not .Values.auth.s3ExistingSecret -}}
{{- range $key := list "s3AccessKey" "s3SecretKey" -}}
{{- if not (get $.Values.auth $key) }}
{{ printf "auth.%s is not set while config.documents.storage is s3: set it, or name a Secret with both keys in auth.s3ExistingSecret" $key }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $defaults := include "mirage.model.defaults" . | fromYaml -}}
{{- range $key, $value := .Values.documents.persistence -}}
{{- $default := get $defaults (printf "documents.persistence.%s" $key) -}}
{{- if and (ne $key "enabled") $value (ne (toJson $value) (toJson $default)) }}
{{ printf "documents.persistence.%s is set while config.documents.storage is s3, which has no volume: remove it" $key }}
{{- end -}}
{{- end -}}
{{- $documents := .Values.config.documents -}}
{{- if ne $documents.path (get $defaults "config.documents.path") }}
{{ print "config.documents.path is set while config.documents.storage is s3, which has no folder: remove it" }}
{{- end -}}
{{- if not (kindIs "invalid" $documents.minFreeBytes) }}
{{ print "config.documents.minFreeBytes is set while config.documents.storage is s3, which has no volume: remove it" }}
{{- end -}}
{{- /* S3 copies, and so moves, no larger object in one request. */ -}}
{{- if gt (int64 ($documents.maxUploadBytes | default 0)) 5368709120 }}
{{ print "config.documents.maxUploadBytes is more than 5 GiB, which S3 cannot move at once: lower it to 5368709120" }}
{{- end -}}
{{- end }}
