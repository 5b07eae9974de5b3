{{/* Variables for the image of PostgreSQL. PGDATA is a folder in the volume, because its root may
     contain lost+found; it is the same for every major version. */}}
{{- define "mirage.postgresql.env" -}}
- name: PGDATA
  value: /data/pgdata
- name: POSTGRES_USER
  value: mirage
- name: POSTGRES_DB
  value: mirage
{{- $secret := include "mirage.database.existingSecret" . | default (include "mirage.secret" .) }}
{{ include "mirage.env.secret" (list "POSTGRES_PASSWORD" $secret "postgresql-password") }}
{{- with .Values.postgresql.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Image, security and volumes of the server and of its init containers. */}}
{{- define "mirage.postgresql.container" -}}
{{- include "mirage.container" (dict "image" .Values.postgresql.image "resources" .Values.postgresql.resources "security" .Values.postgresql.securityContext) }}
env:
  {{- include "mirage.postgresql.env" . | nindent 2 }}
volumeMounts:
  - name: data
    mountPath: /data
  - name: run
    mountPath: /var/run/postgresql
  - name: tmp
    mountPath: /tmp
  - name: shm
    mountPath: /dev/shm
{{- end }}
