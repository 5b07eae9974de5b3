{{/* Metadata of a test's pod. Takes (list $ "health" <weight>). */}}
{{- define "mirage.test.metadata" -}}
{{- $root := first . -}}
name: {{ include "mirage.name" (list $root (printf "test-%s" (index . 1))) }}
labels:
  {{- include "mirage.labels" (list $root "test") | nindent 2 }}
annotations:
  helm.sh/hook: test
  helm.sh/hook-weight: {{ last . | quote }}
  # Keep the pod after success, because `helm test --logs` reads it then.
  helm.sh/hook-delete-policy: before-hook-creation
{{- end }}

{{- define "mirage.test.spec" -}}
restartPolicy: Never
activeDeadlineSeconds: {{ toJson .Values.tests.deadlineSeconds }}
{{ include "mirage.pod.passing" . }}
{{- end }}
