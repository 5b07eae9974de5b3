{{/* Where PostgreSQL is, and nothing that is not used there. */}}
{{- define "mirage.validate.database" -}}
{{- $external := .Values.externalDatabase -}}
{{- $own := .Values.postgresql.auth -}}
{{- if .Values.postgresql.enabled -}}
{{- range $key := list "host" "password" "existingSecret" "urlKey" "sslMode" "parameters" -}}
{{- if get $external $key }}
{{ printf "externalDatabase.%s is set while postgresql.enabled is true: set postgresql.enabled=false, or remove externalDatabase.%s" $key $key }}
{{- end -}}
{{- end -}}
{{- if .Values.networkPolicy.databaseTo }}
{{ print "networkPolicy.databaseTo is set while postgresql.enabled is true: it is for an external PostgreSQL, remove it" }}
{{- end -}}
{{- else -}}
{{- range $key := list "password" "existingSecret" -}}
{{- if get $own $key }}
{{ printf "postgresql.auth.%s is set while postgresql.enabled is false: set externalDatabase.%s instead" $key $key }}
{{- end -}}
{{- end -}}
{{- if and $external.urlKey (not $external.existingSecret) }}
{{ print "externalDatabase.urlKey is set without externalDatabase.existingSecret: set that to the Secret with the URL" }}
{{- else if $external.urlKey -}}
{{- if $external.host }}
{{ print "externalDatabase.host and externalDatabase.urlKey are both set, but the URL names the host: remove one of them" }}
{{- end -}}
{{- else -}}
{{- if not $external.host }}
{{ print "externalDatabase.host is not set while postgresql.enabled is false: set it, or set the whole URL by externalDatabase.existingSecret and externalDatabase.urlKey" }}
{{- end -}}
{{- if not (or $external.existingSecret $external.password) }}
{{ print "externalDatabase.password is not set while postgresql.enabled is false: set it or externalDatabase.existingSecret" }}
{{- end -}}
{{- end -}}
{{- if and (eq ($external.sslMode | default "") "verify-ca") (not (include "mirage.ca.file" .)) (not (hasKey ($external.parameters | default dict) "sslrootcert")) }}
{{ print "externalDatabase.sslMode is verify-ca, but there is no authority to trust: set caCertificates, or use verify-full for public authorities" }}
{{- end -}}
{{- range $name, $key := dict "sslmode" "sslMode" "host" "host" "port" "port" "user" "user" "dbname" "name" "password" "password" -}}
{{- if hasKey ($external.parameters | default dict) $name }}
{{ printf "externalDatabase.parameters.%s is set: set externalDatabase.%s instead" $name $key }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.postgresql.enabled (not .Values.indexer.enabled) }}
{{ print "indexer.enabled is false, but only the indexer migrates the database of this release: leave it true, or use an external database that another release migrates" }}
{{- end -}}
{{- end }}
