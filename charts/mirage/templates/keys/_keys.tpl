{{/* Metadata of an object of the Job that generates keys: a hook, because the keys must be there before
     the pods that need them. Takes (list $ <name> <weight>). */}}
{{- define "mirage.keys.metadata" -}}
{{- $root := first . -}}
name: {{ index . 1 }}
labels:
  {{- include "mirage.labels" (list $root "keys") | nindent 2 }}
{{ include "mirage.annotations" (list $root (dict "helm.sh/hook" "pre-install,pre-upgrade" "helm.sh/hook-weight" (last . | toString) "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded")) }}
{{- end }}

{{/* The pod that generates what the Secret lacks. The pod contains all its parameters, as that of the
     model: `kubectl apply` cannot change a Job, so its name must change with it. */}}
{{- define "mirage.keys.pod" -}}
metadata:
  labels:
    {{- include "mirage.podLabels" (list . "keys") | nindent 4 }}
spec:
  restartPolicy: OnFailure
  {{- include "mirage.pod.passing" (dict "root" . "account" (include "mirage.name" (list . "keys"))) | nindent 2 }}
  containers:
    - name: keys
      {{- include "mirage.program" (dict "root" . "resources" .Values.tests.resources) | nindent 6 }}
      # So that `kubectl describe pod` has the sentence of a failure.
      terminationMessagePolicy: FallbackToLogsOnError
      args:
        - make-secret
        - {{ include "mirage.secret" . }}
        {{- range $name, $value := merge (dict "app.kubernetes.io/managed-by" "Helm") (include "mirage.podLabels" (list . "config") | fromYaml) }}
        - {{ printf "--label=%s=%s" $name $value | toJson }}
        {{- end }}
        # So that Helm takes the Secret over when auth.generate becomes helm.
        - --annotation=meta.helm.sh/release-name={{ .Release.Name }}
        - --annotation=meta.helm.sh/release-namespace={{ .Release.Namespace }}
        {{- if not .Values.auth.existingSecret }}
        - --api-key
        {{- end }}
        {{- if and .Values.postgresql.enabled (not .Values.postgresql.auth.existingSecret) }}
        - --postgresql={{ include "mirage.name" (list . "postgresql") }}
        {{- end }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
  volumes:
    - name: tmp
      emptyDir: {}
{{- end }}
