{{/* "true" if the originals are in a bucket, so that pods share no volume. */}}
{{- define "mirage.s3" -}}
{{- if eq .Values.config.documents.storage "s3" -}}
true
{{- end -}}
{{- end }}

{{/* API and indexer share one volume. If it can only be mounted on one node, both must run there:
     each has this label and requires affinity to it, which the first pod meets by itself. */}}
{{- define "mirage.documents.label" -}}
{{- if and (not (include "mirage.s3" .)) (eq (include "mirage.persistence.oneNode" .Values.documents.persistence) "true") -}}
mirage-rag.github.io/documents: {{ include "mirage.claim" (list . "documents") | trunc 63 | trimSuffix "-" | toJson }}
{{- end -}}
{{- end }}

{{/* The values of a component whose pods mount the volume, as JSON: with the affinity that brings
     them to its node. Takes (list $ "api"). */}}
{{- define "mirage.documents.values" -}}
{{- $values := deepCopy (index (first .).Values (last .)) -}}
{{- $label := include "mirage.documents.label" (first .) -}}
{{- if $label -}}
{{- $required := "requiredDuringSchedulingIgnoredDuringExecution" -}}
{{- $term := dict "labelSelector" (dict "matchLabels" (fromYaml $label)) "topologyKey" "kubernetes.io/hostname" -}}
{{- $affinity := $values.affinity | default dict -}}
{{- $podAffinity := $affinity.podAffinity | default dict -}}
{{- $terms := append (get $podAffinity $required | default list) $term -}}
{{- $_ := set $affinity "podAffinity" (set $podAffinity $required $terms) -}}
{{- $_ := set $values "affinity" $affinity -}}
{{- end -}}
{{- toJson $values -}}
{{- end }}

{{/* A Deployment of the program, whose pods mount the volume. Takes `root`, `component`, and as YAML
     `initContainers`, `containers` and more `volumes`. */}}
{{- define "mirage.documents.workload" -}}
{{- $label := include "mirage.documents.label" .root -}}
{{- $values := include "mirage.documents.values" (list .root .component) | fromJson -}}
{{- if not $label -}}
{{- $values = include "mirage.spread" (dict "root" .root "component" .component "values" $values) | fromJson -}}
{{- end -}}
{{- $volumes := printf "%s\n%s" (include "mirage.documents.volumes" .root) (.volumes | default "") | trim -}}
{{- include "mirage.workload" (merge (dict "values" $values "security" .root.Values.podSecurityContext "rolling" true "labels" $label "annotations" (include "mirage.documents.checksums" (list .root .component)) "volumes" $volumes) .) -}}
{{- end }}

{{/* Annotations that restart the pods when a setting or a given secret changes that the program reads.
     Takes (list $ "api"). */}}
{{- define "mirage.documents.checksums" -}}
checksum/config: {{ include "mirage.config.checksum" . }}
checksum/secret: {{ include "mirage.secret.checksum" (dict "root" (first .) "secrets" (include "mirage.documents.secrets" . | fromJsonArray)) }}
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
{{- $secrets := list $values.auth.openaiKey $values.auth.ollamaToken $values.auth.s3AccessKey $values.auth.s3SecretKey $values.postgresql.auth.password $values.externalDatabase.password -}}
{{- if eq (last .) "api" -}}
{{- $secrets = append $secrets $values.auth.apiKey -}}
{{- end -}}
{{- toJson $secrets -}}
{{- end }}

{{/* Variables and volumes of a container of the program. Takes `root`, the component's `values`, and
     as YAML the `env` of its own and more `mounts`. */}}
{{- define "mirage.documents.inputs" -}}
{{- $config := printf "- configMapRef:\n    name: %s" (include "mirage.name" (list .root "config")) -}}
{{- $env := printf "%s%s" (include "mirage.env.database" .root) .env -}}
{{- include "mirage.container.inputs" (dict "values" .values "envFrom" $config "env" $env "mounts" (printf "%s\n%s" (include "mirage.documents.mounts" .root) (.mounts | default "") | trim)) -}}
{{- end }}

{{- define "mirage.documents.mounts" -}}
{{- if not (include "mirage.s3" .) -}}
- name: documents
  mountPath: {{ .Values.config.documents.path | toJson }}
{{- end }}
{{- with include "mirage.ca.mount" . }}
{{ . }}
{{- end }}
{{- end }}

{{- define "mirage.documents.volumes" -}}
{{- if not (include "mirage.s3" .) -}}
- name: documents
  {{- include "mirage.volume" (list . "documents") | nindent 2 }}
{{- end }}
{{- with include "mirage.ca.volume" . }}
{{ . }}
{{- end }}
{{- end }}
