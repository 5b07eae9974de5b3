{{/* A Deployment. Takes `root`, `component`, its `values`, the pod's `security` context, whether it
     is `rolling`, and as YAML: `initContainers`, `containers`, `volumes`, more pod `labels` and
     `annotations`. */}}
{{- define "mirage.workload" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "mirage.name" (list .root .component) }}
  labels:
    {{- include "mirage.labels" (list .root .component .values.labels) | nindent 4 }}
  {{- with include "mirage.annotations" (list .root .values.annotations) }}
  {{- . | nindent 2 }}
  {{- end }}
spec:
  {{- include "mirage.deployment" (dict "values" .values "rolling" .rolling) | nindent 2 }}
  {{- if not (kindIs "invalid" .values.revisionHistoryLimit) }}
  revisionHistoryLimit: {{ toJson .values.revisionHistoryLimit }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "mirage.selector" (list .root .component) | nindent 6 }}
  template:
    metadata:
      {{- include "mirage.pod.metadata" . | nindent 6 }}
    spec:
      {{- include "mirage.pod.spec" . | nindent 6 }}
      {{- if or .values.initContainers .initContainers }}
      initContainers:
        {{- with .values.initContainers }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- with .initContainers }}
        {{- . | nindent 8 }}
        {{- end }}
      {{- end }}
      containers:
        {{- .containers | nindent 8 }}
        {{- with .values.sidecars }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      volumes:
        {{- .volumes | nindent 8 }}
        - name: tmp
          {{- include "mirage.emptyDir" (dict "size" .values.tmpSizeLimit) | nindent 10 }}
        {{- with .values.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end }}

{{/* Update strategy and replicas, unless an autoscaler owns them. Takes the component's `values`, and
     whether it is `rolling`: then the old pod serves until the new one is ready. */}}
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
{{- if not (or (kindIs "invalid" .values.replicas) (include "mirage.autoscaled" .values)) }}
replicas: {{ toJson .values.replicas }}
{{- end }}
{{- end }}

{{/* Labels and annotations of a component's pods. Takes `root`, `component`, its `values`, and as
     YAML more `labels` and `annotations`. */}}
{{- define "mirage.pod.metadata" -}}
labels:
  {{- include "mirage.podLabels" (list .root .component .values.podLabels (fromYaml (.labels | default ""))) | nindent 2 }}
annotations:
  # The container that `kubectl logs` and `kubectl exec` choose.
  kubectl.kubernetes.io/default-container: {{ .component }}
  {{- with .annotations }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with .values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* A checksum that changes with the given secrets, salted with namespace and release. Generated
     secrets are ignored, because they are unknown when the pods are rendered first. Takes `root` and
     a list of `secrets`. */}}
{{- define "mirage.secret.checksum" -}}
{{- $given := list .root.Release.Namespace .root.Release.Name -}}
{{- range .secrets -}}
{{- $given = append $given (include "mirage.text" .) -}}
{{- end -}}
{{- $given | toJson | sha256sum | trunc 8 | quote -}}
{{- end }}

{{/* The common part of all pods. Takes `root`, `component`, its `values`, the pod's `security`
     context, and the `account` of a pod that needs its token. */}}
{{- define "mirage.pod.spec" -}}
{{- $component := .component -}}
{{- $root := .root -}}
automountServiceAccountToken: {{ not (empty .account) }}
enableServiceLinks: false
{{- with .account | default (include "mirage.serviceAccount" .root) }}
serviceAccountName: {{ toJson . }}
{{- end }}
{{- with .security }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $pullSecrets := .root.Values.imagePullSecrets | default list }}
{{- range .root.Values.global.imagePullSecrets }}
{{- $pullSecrets = append $pullSecrets (dict "name" .) }}
{{- end }}
{{- with $pullSecrets | uniq }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- range $field := list "priorityClassName" "runtimeClassName" "dnsPolicy" "terminationGracePeriodSeconds" }}
{{- if not (kindIs "invalid" (index $.values $field)) }}
{{ $field }}: {{ index $.values $field | toJson }}
{{- end }}
{{- end }}
{{- range $field := list "dnsConfig" "hostAliases" "nodeSelector" "tolerations" "affinity" }}
{{- with index $.values $field }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with .values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  {{- $selector := dict "matchLabels" (include "mirage.selector" (list $root $component) | fromYaml) }}
  - {{- merge dict . (dict "labelSelector" $selector) | toYaml | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The same for the pod of a test or a Job; it may run where the API may. Takes `root`, and the
     `account` of a pod that needs its token. */}}
{{- define "mirage.pod.passing" -}}
{{- $values := pick .root.Values.api "priorityClassName" "runtimeClassName" "nodeSelector" "tolerations" "dnsPolicy" "dnsConfig" "hostAliases" -}}
{{- include "mirage.pod.spec" (dict "root" .root "values" $values "security" .root.Values.podSecurityContext "account" .account) -}}
{{- end }}

{{/* Image, resources and security of a container. Takes `root`, the `image` of values, `tag`, which
     replaces an empty tag, `resources` and `security`. */}}
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

{{/* The same for a container that runs miRAGe. Takes `root` and `resources`. */}}
{{- define "mirage.program" -}}
{{- include "mirage.container" (dict "root" .root "image" .root.Values.image "tag" (include "mirage.image.release" .root) "resources" .resources "security" .root.Values.securityContext) -}}
{{- end }}

{{/* Variables and volumes of a component's container. Takes the component's `values`, and as YAML
     `envFrom`, `env` and `mounts`. */}}
{{- define "mirage.container.inputs" -}}
{{- if or .envFrom .values.envFrom }}
envFrom:
  {{- with .envFrom }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with .values.envFrom }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
env:
  {{- .env | nindent 2 }}
  {{- with .values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumeMounts:
  {{- .mounts | nindent 2 }}
  - name: tmp
    mountPath: /tmp
  {{- with .values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* The probes of a container. Takes the component's `values`, and what they ask: `startup`,
     `liveness` and `readiness`. */}}
{{- define "mirage.container.probes" -}}
{{- range $kind := list "startup" "liveness" "readiness" }}
{{ $kind }}Probe:
  {{- merge dict (index $ $kind) (index $.values (printf "%sProbe" $kind) | default dict) | toYaml | nindent 2 }}
{{- end }}
{{- end }}
