{{/* The pod that tells Ollama to pull the model. The pod contains all its parameters, so that the
     Job's name, a hash of the pod, changes exactly when something else must be pulled. */}}
{{- define "mirage.ollama.pull" -}}
metadata:
  labels:
    {{- include "mirage.podLabels" (list . "ollama-pull") | nindent 4 }}
spec:
  restartPolicy: OnFailure
  {{- include "mirage.pod.passing" (dict "root" .) | nindent 2 }}
  containers:
    - name: pull
      {{- include "mirage.program" (dict "root" . "resources" .Values.ollama.pullResources) | nindent 6 }}
      args:
        - pull-model
        {{- if .Values.ollama.pullInsecure }}
        - --insecure
        {{- end }}
        {{- include "mirage.ollama.models" . | fromJsonArray | toYaml | nindent 8 }}
      env:
        - name: MIRAGE_OLLAMA_URL
          value: {{ include "mirage.ollama.url" . | toJson }}
        {{- if not .Values.ollama.enabled }}
        {{- include "mirage.env.ollama" . | indent 8 }}
        {{- end }}
        {{- include "mirage.env.given" (dict "root" . "name" "proxy" "variable" "MIRAGE_EMBEDDING_PROXY_AUTH") | indent 8 }}
        {{- with include "mirage.ca.file" . }}
        - name: MIRAGE_EMBEDDING_CA_FILE
          value: {{ toJson . }}
        {{- end }}
        {{- with .Values.config.embedding.proxy }}
        - name: MIRAGE_EMBEDDING_PROXY
          value: {{ toJson . }}
        {{- end }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- with include "mirage.ca.mount" . }}
        {{- . | nindent 8 }}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: {}
    {{- with include "mirage.ca.volume" . }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end }}
