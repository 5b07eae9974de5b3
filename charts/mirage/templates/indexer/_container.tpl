{{/* The indexer and the migration before it. Takes `root` and `role`, "indexer" or "migrate". */}}
{{- define "mirage.indexer.container" -}}
{{- with .root -}}
- name: {{ $.role }}
  {{- include "mirage.program" (dict "root" . "resources" .Values.indexer.resources) | nindent 2 }}
  args: [{{ $.role }}]
  {{- $env := ternary (printf "%s%s" (include "mirage.env.embedder" .) (include "mirage.env.s3" .)) "" (eq $.role "indexer") }}
  {{- include "mirage.documents.inputs" (dict "root" . "values" .Values.indexer "env" $env "mounts" (include "mirage.backup.mount" .)) | trim | nindent 2 }}
  {{- if eq $.role "indexer" }}
  ports:
    - name: metrics
      containerPort: 9090
  {{- $live := dict "httpGet" (dict "path" "/health/live" "port" "metrics") }}
  {{- $ready := dict "httpGet" (dict "path" "/health/ready" "port" "metrics") }}
  {{- include "mirage.container.probes" (dict "values" .Values.indexer "startup" $live "liveness" $live "readiness" $ready) | trim | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}
