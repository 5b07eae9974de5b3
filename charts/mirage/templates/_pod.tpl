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

{{/* Changes with the secrets that were given. Eight digits tell nobody a weak password, and a
     generated one does not count, for its first value is not known when the pods are rendered.
     Takes a list of secrets. */}}
{{- define "mirage.secret.checksum" -}}
{{- $given := list -}}
{{- range . -}}
{{- $given = append $given (include "mirage.text" .) -}}
{{- end -}}
{{- $given | toJson | sha256sum | trunc 8 | quote -}}
{{- end }}

{{/* What all pods have in common. Takes (dict "root" $ "values" <placement, as of a component>
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
priorityClassName: {{ . }}
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

{{/* The same for a pod that comes and goes: a test, a Job. It goes where the API may go. */}}
{{- define "mirage.pod.passing" -}}
{{- include "mirage.pod.spec" (dict "root" . "values" (pick .Values.api "priorityClassName" "nodeSelector" "tolerations") "security" .Values.podSecurityContext) -}}
{{- end }}

{{/* Update strategy and replicas. Takes (dict "values" <of the component> "persistence" <its>). */}}
{{- define "mirage.deployment" -}}
strategy:
  type: {{ ternary "Recreate" "RollingUpdate" (eq (include "mirage.persistence.oneNode" .persistence) "true") }}
{{- if not (kindIs "invalid" .values.replicas) }}
replicas: {{ toJson .values.replicas }}
{{- end }}
{{- end }}

{{/* Image, resources and security of a container. Takes (dict "image" <of values> "tag" <what an
     empty tag means> "resources" … "security" …). */}}
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

{{/* The same for a container that runs the program. Takes (list $ <resources>). */}}
{{- define "mirage.program" -}}
{{- $root := first . -}}
{{- include "mirage.container" (dict "image" $root.Values.image "tag" $root.Chart.AppVersion "resources" (last .) "security" $root.Values.securityContext) -}}
{{- end }}
