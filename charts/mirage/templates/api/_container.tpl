{{/* The port is open before the program is loaded, and the answer to the startup probe waits for the
     database: so the first probe is answered, and none fails while the release is installed. */}}
{{- define "mirage.api.container" -}}
- name: api
  {{- include "mirage.program" (dict "root" . "resources" .Values.api.resources) | nindent 2 }}
  args: [api]
  {{- $env := printf "\n%s%s" (include "mirage.env.apiKey" .) (printf "%s%s" (include "mirage.env.embedder" .) (include "mirage.env.s3" .)) }}
  {{- $env = printf "%s\n%s" $env (include "mirage.api.drain" .) }}
  {{- include "mirage.documents.inputs" (dict "root" . "values" .Values.api "env" $env) | trim | nindent 2 }}
  ports:
    - name: http
      containerPort: 8000
    - name: metrics
      containerPort: 9090
  {{- $start := dict "httpGet" (dict "path" "/health/ready?wait=50" "port" "http") }}
  {{- $live := dict "httpGet" (dict "path" "/health/live" "port" "http") }}
  {{- $ready := dict "httpGet" (dict "path" "/health/ready" "port" "http") }}
  {{- include "mirage.container.probes" (dict "values" .Values.api "startup" $start "liveness" $live "readiness" $ready) | trim | nindent 2 }}
{{- end }}

{{/* By then Service and Ingress know that this pod ends, and send requests elsewhere. */}}
{{- define "mirage.api.drain" -}}
- name: MIRAGE_API_DRAIN_SECONDS
  value: "10"
{{- end }}
