{{/* Labels and annotations of a component's pods. Takes (list $ "api"). */}}
{{- define "mirage.pod.metadata" -}}
{{- $values := index (first .).Values (last .) -}}
labels:
  {{- include "mirage.podLabels" . | nindent 2 }}
  {{- with $values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* A checksum that changes with the given secrets, salted with namespace and release. Generated
     secrets are ignored, because they are unknown when the pods are rendered first.
     Takes (dict "root" $ "secrets" <list>). */}}
{{- define "mirage.secret.checksum" -}}
{{- $given := list .root.Release.Namespace .root.Release.Name -}}
{{- range .secrets -}}
{{- $given = append $given (include "mirage.text" .) -}}
{{- end -}}
{{- $given | toJson | sha256sum | trunc 8 | quote -}}
{{- end }}

{{/* The common part of all pods. Takes (dict "root" $ "values" <placement, as of a component>
     "security" <pod security context>). */}}
{{- define "mirage.pod.spec" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .security }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ toJson . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The same for the pod of a test or a Job; it may run where the API may. */}}
{{- define "mirage.pod.passing" -}}
{{- include "mirage.pod.spec" (dict "root" . "values" (pick .Values.api "priorityClassName" "nodeSelector" "tolerations") "security" .Values.podSecurityContext) -}}
{{- end }}

{{/* Update strategy and replicas. With "rolling", the old pod serves until the new one is ready.
     Takes (dict "values" <of the component> "rolling" <true or false>). */}}
{{- define "mirage.deployment" -}}
strategy:
  {{- if .rolling }}
  type: RollingUpdate
  rollingUpdate:
    maxSurge: 1
    maxUnavailable: 0
  {{- else }}
  type: Recreate
  {{- end }}
{{- if not (kindIs "invalid" .values.replicas) }}
replicas: {{ toJson .values.replicas }}
{{- end }}
{{- end }}

{{/* Image, resources and security of a container. Takes (dict "image" <of values> "tag"
     <replacement for an empty tag> "resources" … "security" …). */}}
{{- define "mirage.container" -}}
image: {{ include "mirage.image" . | toJson }}
imagePullPolicy: {{ .image.pullPolicy }}
{{- with .resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .security }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The same for a container that runs miRAGe. Takes (list $ <resources>). */}}
{{- define "mirage.program" -}}
{{- $root := first . -}}
{{- include "mirage.container" (dict "image" $root.Values.image "tag" $root.Chart.AppVersion "resources" (last .) "security" $root.Values.securityContext) -}}
{{- end }}
