{{/* "true" if there are policies: those of k3s work without another part of the cluster. */}}
{{- define "mirage.policies" -}}
{{- $enabled := .Values.networkPolicy.enabled -}}
{{- if kindIs "invalid" $enabled | ternary (contains "+k3s" .Capabilities.KubeVersion.Version) $enabled -}}
true
{{- end -}}
{{- end }}

{{/* Head of a NetworkPolicy for one component. Takes (list $ "api"). */}}
{{- define "mirage.policy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "mirage.name" . }}
  labels:
    {{- include "mirage.labels" . | nindent 4 }}
  {{- with include "mirage.annotations" (list (first .)) }}
  {{- . | nindent 2 }}
  {{- end }}
spec:
  podSelector:
    matchLabels:
      {{- include "mirage.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
{{- end }}

{{/* Peers: components of this release. Takes (list $ "api" "indexer" …). */}}
{{- define "mirage.policy.components" -}}
{{- $peers := list -}}
{{- range rest . -}}
{{- $selector := include "mirage.selector" (list (first $) .) | fromYaml -}}
{{- $peers = append $peers (dict "podSelector" (dict "matchLabels" $selector)) -}}
{{- end -}}
{{- toYaml $peers -}}
{{- end }}

{{/* Ingress to the metrics port. Without peers there is no rule, because an empty one allows all. */}}
{{- define "mirage.policy.metrics" -}}
{{- with .Values.networkPolicy.metricsFrom -}}
- ports:
    - port: metrics
      protocol: TCP
  from:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end }}

{{- define "mirage.policy.dns" -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end }}

{{/* Egress to the database, in the release or outside it. */}}
{{- define "mirage.policy.database" -}}
- ports:
    - port: {{ (include "mirage.database" . | fromJson).port | toJson }}
      protocol: TCP
  {{- if .Values.postgresql.enabled }}
  to:
    {{- include "mirage.policy.components" (list . "postgresql") | nindent 4 }}
  {{- else }}
  {{- include "mirage.policy.to" .Values.networkPolicy.databaseTo | nindent 2 }}
  {{- end }}
{{- end }}

{{/* The port of an address. */}}
{{- define "mirage.policy.port" -}}
{{- $url := urlParse . -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end }}

{{/* Egress to the embedding server. */}}
{{- define "mirage.policy.embedder" -}}
{{- if .Values.config.embedding.proxy -}}
{{- include "mirage.policy.proxy" . -}}
{{- else if eq (include "mirage.backend" .) "openai" -}}
- ports:
    - port: {{ include "mirage.policy.port" .Values.config.openai.url }}
      protocol: TCP
  {{- include "mirage.policy.to" .Values.networkPolicy.embedderTo | nindent 2 }}
{{- else -}}
{{- include "mirage.policy.ollama" . -}}
{{- end }}
{{- end }}

{{/* Egress to Ollama, in the release or outside it. */}}
{{- define "mirage.policy.ollama" -}}
{{- if .Values.config.embedding.proxy -}}
{{- include "mirage.policy.proxy" . -}}
{{- else -}}
- ports:
    - port: {{ include "mirage.policy.port" (include "mirage.ollama.url" .) }}
      protocol: TCP
  {{- if .Values.ollama.enabled }}
  to:
    {{- include "mirage.policy.components" (list . "ollama") | nindent 4 }}
  {{- else }}
  {{- include "mirage.policy.to" .Values.networkPolicy.embedderTo | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Egress to the proxy for requests to the embedding server. */}}
{{- define "mirage.policy.proxy" -}}
- ports:
    - port: {{ include "mirage.policy.port" .Values.config.embedding.proxy }}
      protocol: TCP
  {{- include "mirage.policy.to" .Values.networkPolicy.embedderTo | nindent 2 }}
{{- end }}

{{/* Egress to the bucket of the originals, or nothing. */}}
{{- define "mirage.policy.s3" -}}
{{- if include "mirage.s3" . -}}
- ports:
    - port: {{ .Values.config.s3.endpoint | default "https://s3.amazonaws.com" | include "mirage.policy.port" }}
      protocol: TCP
  {{- include "mirage.policy.to" .Values.networkPolicy.s3To | nindent 2 }}
{{- end }}
{{- end }}

{{/* Peers of a rule; without peers, the rule allows all. */}}
{{- define "mirage.policy.to" -}}
{{- with . -}}
to:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end }}

{{/* Further egress rules of the user's. */}}
{{- define "mirage.policy.extra" -}}
{{- with .Values.networkPolicy.extraEgress }}
{{- toYaml . }}
{{- end }}
{{- end }}
