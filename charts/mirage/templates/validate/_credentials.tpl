{{/* A credential has one source, and a key of a Secret needs its Secret. */}}
{{- define "mirage.validate.credentials" -}}
{{- range $sources := include "mirage.credentials" . | fromYamlArray -}}
{{- $table := $.Values -}}
{{- range splitList "." $sources.table -}}
{{- $table = index $table . -}}
{{- end -}}
{{- $existing := printf "%s.%s" $sources.table $sources.existing -}}
{{- if and $sources.value (get $table ($sources.value | default "")) (get $table $sources.existing) }}
{{ printf "%s.%s and %s are both set: remove one of them" $sources.table $sources.value $existing }}
{{- end -}}
{{- if and (ne (get $table $sources.key) $sources.default) (not (get $table $sources.existing)) }}
{{ printf "%s.%s is set without %s: set that to the Secret with this key, or remove it" $sources.table $sources.key $existing }}
{{- end -}}
{{- end -}}
{{- include "mirage.validate.generated" . -}}
{{- $ca := .Values.caCertificates -}}
{{- if and $ca.configMap $ca.secret }}
{{ print "caCertificates.configMap and caCertificates.secret are both set: remove one of them" }}
{{- else if and (ne $ca.key "ca.crt") (not (or $ca.configMap $ca.secret)) }}
{{ print "caCertificates.key is set without caCertificates.configMap or caCertificates.secret: set one of them, or remove it" }}
{{- end -}}
{{- $account := .Values.serviceAccount -}}
{{- if and (not $account.create) (or $account.labels $account.annotations) }}
{{ print "serviceAccount.create is false, so nothing would have serviceAccount.labels and serviceAccount.annotations: remove them, or set serviceAccount.create=true" }}
{{- end -}}
{{- end }}

{{/* What is generated can be kept, and the Job shares its Secret with nothing else. */}}
{{- define "mirage.validate.generated" -}}
{{- $generated := include "mirage.generated" . | fromJsonArray -}}
{{- if eq .Values.auth.generate "job" -}}
{{- range $sources := include "mirage.credentials" . | fromYamlArray -}}
{{- $table := $.Values -}}
{{- range splitList "." $sources.table -}}
{{- $table = index $table . -}}
{{- end -}}
{{- if and $sources.value (get $table ($sources.value | default "")) }}
{{ printf "%s.%s is given while auth.generate is job: put it into a Secret of your own and name that in %s.%s, or set auth.generate=helm" $sources.table $sources.value $sources.table $sources.existing }}
{{- end -}}
{{- end -}}
{{- if and .Values.auth.existingSecret (or (not .Values.postgresql.enabled) .Values.postgresql.auth.existingSecret) }}
{{ print "auth.generate is job, but every credential is in an existing Secret: remove auth.generate" }}
{{- end -}}
{{- else if and $generated (eq (include "mirage.controller" .) "true") (not (include "mirage.cluster" .)) }}
{{ printf "%s would be generated, but this render cannot see the cluster, so each one would change them: set auth.generate=job, or name Secrets of your own in auth.existingSecret and postgresql.auth.existingSecret" (join " and " $generated) }}
{{- end -}}
{{- end }}

{{/* The sources of each credential: a value, or a key of an existing Secret. */}}
{{- define "mirage.credentials" -}}
- {table: auth, value: apiKey, existing: existingSecret, key: existingSecretKey, default: api-key}
- {table: auth, value: openaiKey, existing: openaiExistingSecret, key: openaiExistingSecretKey, default: openai-api-key}
- {table: auth, value: ollamaToken, existing: ollamaExistingSecret, key: ollamaExistingSecretKey, default: ollama-token}
- {table: auth, value: s3AccessKey, existing: s3ExistingSecret, key: s3ExistingSecretAccessKey, default: s3-access-key}
- {table: auth, value: s3SecretKey, existing: s3ExistingSecret, key: s3ExistingSecretSecretKey, default: s3-secret-key}
- {table: auth, existing: proxyExistingSecret, key: proxyExistingSecretKey, default: proxy-auth}
- {table: postgresql.auth, value: password, existing: existingSecret, key: existingSecretKey, default: postgresql-password}
- {table: externalDatabase, value: password, existing: existingSecret, key: passwordKey, default: postgresql-password}
{{- end }}
