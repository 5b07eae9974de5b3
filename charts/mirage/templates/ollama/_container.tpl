{{- define "mirage.ollama.container" -}}
{{- with .Values.ollama -}}
- name: ollama
  {{- include "mirage.container" (dict "root" $ "image" .image "resources" .resources "security" .securityContext) | nindent 2 }}
  {{- include "mirage.container.inputs" (dict "values" . "env" (include "mirage.ollama.env" $) "mounts" (include "mirage.ollama.mounts" $)) | trim | nindent 2 }}
  ports:
    - name: http
      containerPort: 11434
  {{- $version := dict "httpGet" (dict "path" "/api/version" "port" "http") }}
  {{- include "mirage.container.probes" (dict "values" . "startup" $version "liveness" $version "readiness" $version) | trim | nindent 2 }}
{{- end }}
{{- end }}

{{- define "mirage.ollama.env" -}}
- name: OLLAMA_HOST
  value: ":11434"
- name: OLLAMA_MODELS
  value: /data/models
- name: HOME
  value: /data
{{- with .Values.ollama.proxy }}
- name: HTTPS_PROXY
  value: {{ toJson . }}
{{- end }}
{{- end }}

{{- define "mirage.ollama.mounts" -}}
- name: data
  mountPath: /data
{{- end }}

{{- define "mirage.ollama.volumes" -}}
- name: data
  {{- include "mirage.volume" (list . "ollama") | nindent 2 }}
{{- end }}
