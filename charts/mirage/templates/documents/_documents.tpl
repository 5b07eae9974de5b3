{{/* API and indexer share one volume. If it can only be mounted on one node, both must run there:
     each has this label and requires affinity to it, which the first pod meets by itself. */}}
{{- define "mirage.documents.label" -}}
{{- if eq (include "mirage.persistence.oneNode" .Values.documents.persistence) "true" -}}
mirage-rag.github.io/documents: {{ include "mirage.claim" (list . "documents") | trunc 63 | trimSuffix "-" | toJson }}
{{- end -}}
{{- end }}

{{/* Labels and annotations of a pod that mounts the volume. Takes (list $ "api"). */}}
{{- define "mirage.documents.metadata" -}}
{{- $root := first . -}}
{{- $values := index $root.Values (last .) -}}
labels:
  {{- include "mirage.podLabels" . | nindent 2 }}
  {{- with include "mirage.documents.label" $root }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with $values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  checksum/config: {{ include "mirage.config.checksum" . }}
  checksum/secret: {{ include "mirage.secret.checksum" (dict "root" $root "secrets" (include "mirage.documents.secrets" . | fromJsonArray)) }}
  {{- with $values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* A checksum of the settings that the program reads. Takes (list $ "api"). */}}
{{- define "mirage.config.checksum" -}}
{{- $config := include "mirage.config" (first .) | fromYaml -}}
{{- range include (printf "mirage.unread.%s" (last .)) (first .) | fromYamlArray -}}
{{- $_ := unset $config . -}}
{{- end -}}
{{- $config | toJson | sha256sum -}}
{{- end }}

{{/* The given secrets that the program reads, as JSON. Takes (list $ "api"). */}}
{{- define "mirage.documents.secrets" -}}
{{- $values := (first .).Values -}}
{{- $secrets := list $values.auth.openaiKey $values.postgresql.auth.password $values.externalDatabase.password -}}
{{- if eq (last .) "api" -}}
{{- $secrets = append $secrets $values.auth.apiKey -}}
{{- end -}}
{{- toJson $secrets -}}
{{- end }}

{{/* Spec of a pod that mounts the volume, without its containers. Takes (list $ "api"). */}}
{{- define "mirage.documents.spec" -}}
{{- $root := first . -}}
{{- $values := deepCopy (index $root.Values (last .)) -}}
{{- with include "mirage.documents.label" $root | fromYaml -}}
{{- $required := "requiredDuringSchedulingIgnoredDuringExecution" -}}
{{- $term := dict "labelSelector" (dict "matchLabels" .) "topologyKey" "kubernetes.io/hostname" -}}
{{- $affinity := $values.affinity | default dict -}}
{{- $podAffinity := $affinity.podAffinity | default dict -}}
{{- $terms := append (get $podAffinity $required | default list) $term -}}
{{- $_ := set $affinity "podAffinity" (set $podAffinity $required $terms) -}}
{{- $_ := set $values "affinity" $affinity -}}
{{- end -}}
{{- include "mirage.pod.spec" (dict "root" $root "values" $values "security" $root.Values.podSecurityContext) -}}
{{- end }}

{{- define "mirage.documents.mounts" -}}
- name: documents
  mountPath: {{ .Values.config.documents.path | toJson }}
- name: tmp
  mountPath: /tmp
{{- with include "mirage.ca.mount" . }}
{{ . }}
{{- end }}
{{- end }}

{{- define "mirage.documents.volumes" -}}
- name: documents
  {{- include "mirage.volume" (list . "documents") | nindent 2 }}
- name: tmp
  emptyDir: {}
{{- with include "mirage.ca.volume" . }}
{{ . }}
{{- end }}
{{- end }}
