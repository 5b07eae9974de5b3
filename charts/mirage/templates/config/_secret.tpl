{{/* The values that are generated, because neither they nor a Secret are given, as a JSON list. */}}
{{- define "mirage.generated" -}}
{{- $generated := list -}}
{{- if not (or .Values.auth.existingSecret .Values.auth.apiKey) -}}
{{- $generated = append $generated "auth.apiKey" -}}
{{- end -}}
{{- if and .Values.postgresql.enabled (not (or .Values.postgresql.auth.existingSecret .Values.postgresql.auth.password)) -}}
{{- $generated = append $generated "postgresql.auth.password" -}}
{{- end -}}
{{- toJson $generated -}}
{{- end }}

{{/* "true" if Helm can look into the cluster, and so keep what it generates. Each namespace has this
     ConfigMap, except one that does not exist yet. */}}
{{- define "mirage.cluster" -}}
{{- if or (lookup "v1" "ConfigMap" .Release.Namespace "kube-root-ca.crt") (lookup "v1" "Namespace" "" "kube-system") -}}
true
{{- end -}}
{{- end }}

{{/* "true" for the render of a GitOps controller that shows Helm the kinds of its cluster, but not the
     cluster itself, as Argo CD does. It knows only kinds that can be listed. */}}
{{- define "mirage.controller" -}}
{{- $kinds := .Capabilities.APIVersions -}}
{{- and ($kinds.Has "v1/Secret") (not ($kinds.Has "v1/Binding")) -}}
{{- end }}

{{/* A generated value: that of before, or a new one if it can be kept. Takes `root`, the `kept` data of
     the Secret, and the `key` in it. */}}
{{- define "mirage.secret.generated" -}}
{{- if get .kept .key -}}
{{- get .kept .key | b64dec -}}
{{- else if include "mirage.cluster" .root -}}
{{- randAlphaNum 32 -}}
{{- end -}}
{{- end }}
