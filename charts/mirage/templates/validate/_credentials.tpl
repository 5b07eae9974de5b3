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

{{/* The sources of each credential: a value, or a key of an existing Secret. */}}
{{- define "mirage.credentials" -}}
- {table: auth, value: apiKey, existing: existingSecret, key: existingSecretKey, default: api-key}
- {table: auth, value: openaiKey, existing: openaiExistingSecret, key: openaiExistingSecretKey, default: openai-api-key}
- {table: auth, value: ollamaToken, existing: ollamaExistingSecret, key: ollamaExistingSecretKey, default: ollama-token}
- {table: auth, existing: proxyExistingSecret, key: proxyExistingSecretKey, default: proxy-auth}
- {table: postgresql.auth, value: password, existing: existingSecret, key: existingSecretKey, default: postgresql-password}
- {table: externalDatabase, value: password, existing: existingSecret, key: passwordKey, default: postgresql-password}
{{- end }}
