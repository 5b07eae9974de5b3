{{/* "true" if the tests are rendered: not for `kubectl apply` or a GitOps controller, which would run
     them as ordinary pods. Helm's own render without a cluster knows no kind of the API. */}}
{{- define "mirage.tests.enabled" -}}
{{- and .Values.tests.enabled .Values.api.enabled (.Capabilities.APIVersions.Has "v1/Binding") -}}
{{- end }}

{{/* Metadata of a test's pod. Takes (list $ "health" <weight>). */}}
{{- define "mirage.test.metadata" -}}
{{- $root := first . -}}
name: {{ include "mirage.name" (list $root (printf "test-%s" (index . 1))) }}
labels:
  {{- include "mirage.labels" (list $root "test") | nindent 2 }}
{{- /* The pod stays after success, because `helm test --logs` reads it then. */}}
{{ include "mirage.annotations" (list $root (dict "helm.sh/hook" "test" "helm.sh/hook-weight" (last . | toString) "helm.sh/hook-delete-policy" "before-hook-creation")) }}
{{- end }}

{{- define "mirage.test.spec" -}}
restartPolicy: Never
activeDeadlineSeconds: {{ toJson .Values.tests.deadlineSeconds }}
{{ include "mirage.pod.passing" (dict "root" .) }}
{{- end }}
