{{/* Variables for the image of PostgreSQL. PGDATA is a folder in the volume, because its root may
     contain lost+found; it is the same for every major version. */}}
{{- define "mirage.postgresql.env" -}}
{{- $auth := .Values.postgresql.auth -}}
- name: PGDATA
  value: /data/pgdata
- name: POSTGRES_USER
  value: mirage
- name: POSTGRES_DB
  value: mirage
{{ include "mirage.env.secret" (list "POSTGRES_PASSWORD" ($auth.existingSecret | default (include "mirage.secret" .)) (ternary $auth.existingSecretKey "postgresql-password" (not (empty $auth.existingSecret)))) }}
{{- end }}

{{/* The user of the pod; empty if the cluster chooses it. initdb and others ask for its name, and the image
     knows only its own user. */}}
{{- define "mirage.postgresql.user" -}}
{{- if .Values.postgresql.enabled -}}
{{- dig "runAsUser" "" (.Values.postgresql.podSecurityContext | default dict) | include "mirage.text" -}}
{{- end -}}
{{- end }}

{{- define "mirage.postgresql.mounts" -}}
- name: data
  mountPath: /data
- name: run
  mountPath: /var/run/postgresql
- name: shm
  mountPath: /dev/shm
{{- if include "mirage.postgresql.user" . }}
- name: user
  mountPath: /etc/passwd
  subPath: passwd
  readOnly: true
{{- end }}
{{- end }}

{{/* What the server and its init container share. */}}
{{- define "mirage.postgresql.common" -}}
{{- with .Values.postgresql -}}
{{- include "mirage.container" (dict "root" $ "image" .image "resources" .resources "security" .securityContext) }}
{{- include "mirage.container.inputs" (dict "values" . "env" (include "mirage.postgresql.env" $) "mounts" (include "mirage.postgresql.mounts" $)) }}
{{- end }}
{{- end }}

{{/* The image uses POSTGRES_PASSWORD only for a new data folder; this sets it in an existing one.
     It does not touch the data of another user or major version, which this server cannot read. */}}
{{- define "mirage.postgresql.password" -}}
- name: password
  {{- include "mirage.postgresql.common" . | nindent 2 }}
  # So that `kubectl describe pod` has the sentence below.
  terminationMessagePolicy: FallbackToLogsOnError
  command:
    - sh
    - -ec
    - |
      if [ -e "$PGDATA" ] && [ ! -O "$PGDATA" ]; then
        echo "ERROR: the data belongs to user $(stat -c %u "$PGDATA"), but PostgreSQL runs as user" \
          "$(id -u); nothing was changed. Set runAsUser, runAsGroup and fsGroup of" \
          "postgresql.podSecurityContext to the owner, or change the owner as the chart's README" \
          "says." >&2
        exit 1
      fi
      [ -s "$PGDATA/PG_VERSION" ] || exit 0
      data=$(cat "$PGDATA/PG_VERSION")
      server=$(postgres --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
      if [ "$data" != "$server" ]; then
        echo "ERROR: the volume has data of PostgreSQL $data, which PostgreSQL $server cannot" \
          "read; nothing was changed. Set postgresql.image.tag to a tag of PostgreSQL $data;" \
          "the chart's README says how to move to $server." >&2
        exit 1
      fi
      quoted=$(printf %s "$POSTGRES_PASSWORD" | sed "s/'/''/g")
      printf "ALTER ROLE mirage PASSWORD '%s';\n" "$quoted" |
        postgres --single -D "$PGDATA" -c exit_on_error=on \
          -c log_statement=none -c log_min_error_statement=panic postgres
{{- end }}

{{- define "mirage.postgresql.container" -}}
- name: postgresql
  {{- include "mirage.postgresql.common" . | nindent 2 }}
  {{- with .Values.postgresql.parameters }}
  args:
    - postgres
    {{- range $name, $value := . }}
    - -c
    - {{ printf "%s=%s" $name $value | toJson }}
    {{- end }}
  {{- end }}
  ports:
    - name: postgresql
      containerPort: 5432
  {{- /* Over TCP, because it is closed while the image prepares a new data folder. The startup probe
         waits, because that takes some seconds and each failed probe is a warning. */}}
  {{- $start := dict "exec" (dict "command" (list "sh" "-c" "until pg_isready -q -U mirage -h 127.0.0.1; do sleep 0.2; done")) }}
  {{- $probe := dict "exec" (dict "command" (list "pg_isready" "-U" "mirage" "-h" "127.0.0.1")) }}
  {{- include "mirage.container.probes" (dict "values" .Values.postgresql "startup" $start "liveness" $probe "readiness" $probe) | trim | nindent 2 }}
{{- end }}

{{- define "mirage.postgresql.volumes" -}}
- name: data
  {{- include "mirage.volume" (list . "postgresql") | nindent 2 }}
- name: run
  emptyDir: {}
{{- if include "mirage.postgresql.user" . }}
- name: user
  configMap:
    name: {{ include "mirage.name" (list . "postgresql") }}
{{- end }}
# The default is 64 MB, which a parallel index build exceeds.
- name: shm
  emptyDir:
    medium: Memory
    sizeLimit: 256Mi
{{- end }}
