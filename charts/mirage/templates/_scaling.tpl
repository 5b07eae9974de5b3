{{/* "true" if an autoscaler owns the number of pods. Takes the component's values. */}}
{{- define "mirage.autoscaled" -}}
{{- if dig "autoscaling" "enabled" false . -}}
true
{{- end -}}
{{- end }}

{{/* "true" if there can be more than one pod. Takes the component's values. */}}
{{- define "mirage.many" -}}
{{- if include "mirage.autoscaled" . -}}
{{- if gt (int .autoscaling.maxReplicas) 1 -}}
true
{{- end -}}
{{- else if or (kindIs "invalid" .replicas) (gt (int .replicas) 1) -}}
true
{{- end -}}
{{- end }}

{{/* The values of a component, as JSON: if there can be many pods, those that spread them over nodes
     and zones, as far as the user says nothing. Takes `root`, `component` and `values`. */}}
{{- define "mirage.spread" -}}
{{- $values := deepCopy .values -}}
{{- if include "mirage.many" $values -}}
{{- $selector := dict "matchLabels" (include "mirage.selector" (list .root .component) | fromYaml) -}}
{{- $affinity := $values.affinity | default dict -}}
{{- if not $affinity.podAntiAffinity -}}
{{- $term := dict "weight" 100 "podAffinityTerm" (dict "labelSelector" $selector "topologyKey" "kubernetes.io/hostname") -}}
{{- $_ := set $affinity "podAntiAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" (list $term)) -}}
{{- $_ := set $values "affinity" $affinity -}}
{{- end -}}
{{- if not $values.topologySpreadConstraints -}}
{{- $zones := dict "maxSkew" 1 "topologyKey" "topology.kubernetes.io/zone" "whenUnsatisfiable" "ScheduleAnyway" -}}
{{- $_ := set $values "topologySpreadConstraints" (list $zones) -}}
{{- end -}}
{{- end -}}
{{- toJson $values -}}
{{- end }}

{{/* A PodDisruptionBudget, or nothing. Takes (list $ "api"). */}}
{{- define "mirage.podDisruptionBudget" -}}
{{- $values := index (first .).Values (last .) -}}
{{- if and $values.enabled $values.disruptionBudget.maxUnavailable (include "mirage.many" $values) -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "mirage.name" . }}
  labels:
    {{- include "mirage.labels" . | nindent 4 }}
  {{- with include "mirage.annotations" (list (first .)) }}
  {{- . | nindent 2 }}
  {{- end }}
spec:
  maxUnavailable: {{ toJson $values.disruptionBudget.maxUnavailable }}
  selector:
    matchLabels:
      {{- include "mirage.selector" . | nindent 6 }}
{{- end -}}
{{- end }}
