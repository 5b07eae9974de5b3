{{/* A container of the backup. Takes (list $ "create"). */}}
{{- define "mirage.backup.container" -}}
{{- $command := last . -}}
{{- with first . -}}
name: {{ $command }}
{{ include "mirage.program" (dict "root" . "resources" .Values.backup.resources) }}
args:
  - backup
  - {{ $command }}
  - /backups
  {{- if eq $command "prune" }}
  - --keep={{ toJson .Values.backup.keep }}
  {{- end }}
  {{- if .Values.backup.passphraseSecret }}
  - --passphrase-file=/etc/mirage/backup/passphrase
  {{- end }}
{{- if eq $command "create" }}
envFrom:
  - configMapRef:
      name: {{ include "mirage.name" (list . "config") }}
env:
  {{- printf "%s%s" (include "mirage.env.database" .) (include "mirage.env.s3" .) | nindent 2 }}
{{- end }}
volumeMounts:
  {{- if eq $command "create" }}
  {{- if not (include "mirage.s3" .) }}
  - name: documents
    mountPath: {{ .Values.config.documents.path | toJson }}
    readOnly: true
  {{- end }}
  {{- with include "mirage.ca.mount" . }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- include "mirage.backup.mount" . | nindent 2 }}
  - name: tmp
    mountPath: /tmp
  {{- if .Values.backup.passphraseSecret }}
  - name: passphrase
    mountPath: /etc/mirage/backup
    readOnly: true
  {{- end }}
{{- end }}
{{- end }}

{{/* The volume of the backups, also in the pod of the indexer: `kubectl exec` restores there. */}}
{{- define "mirage.backup.mount" -}}
{{- if .Values.backup.enabled -}}
- name: backups
  mountPath: /backups
{{- end -}}
{{- end }}

{{- define "mirage.backup.volume" -}}
{{- if .Values.backup.enabled -}}
- name: backups
  {{- include "mirage.volume" (list . "backup") | nindent 2 }}
{{- end -}}
{{- end }}
