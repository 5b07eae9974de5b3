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
  checksum/config: {{ include "mirage.config" $root | sha256sum }}
  checksum/secret: {{ with $root.Values }}{{ include "mirage.secret.checksum" (list .auth.apiKey .auth.openaiKey .postgresql.auth.password .externalDatabase.password) }}{{ end }}
  {{- with $values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
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
