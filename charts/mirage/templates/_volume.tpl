{{/* "true" if a volume can only be mounted on one node. Takes the component's persistence. */}}
{{- define "mirage.persistence.oneNode" -}}
{{- and .enabled (not (has "ReadWriteMany" .accessModes)) -}}
{{- end }}

{{/* The claim of a component. Takes (list $ "documents"). */}}
{{- define "mirage.claim" -}}
{{- (index (first .).Values (last .)).persistence.existingClaim | default (include "mirage.name" .) -}}
{{- end }}

{{/* The source of a component's volume. Takes (list $ "postgresql"). */}}
{{- define "mirage.volume" -}}
{{- if dig "enabled" true (index (first .).Values (last .)).persistence -}}
persistentVolumeClaim:
  claimName: {{ include "mirage.claim" . | toJson }}
{{- else -}}
emptyDir: {}
{{- end -}}
{{- end }}

{{/* A folder that lives as long as the pod. Takes its `size`, or null. */}}
{{- define "mirage.emptyDir" -}}
{{- if .size -}}
emptyDir:
  sizeLimit: {{ toJson .size }}
{{- else -}}
emptyDir: {}
{{- end -}}
{{- end }}

{{/* A claim that survives the release. Takes (list $ "postgresql"). */}}
{{- define "mirage.persistentVolumeClaim" -}}
{{- $root := first . -}}
{{- with (index $root.Values (last .)).persistence -}}
{{- if and (dig "enabled" true .) (not .existingClaim) -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ include "mirage.claim" $ | toJson }}
  labels:
    {{- include "mirage.labels" (append $ .labels) | nindent 4 }}
  {{- include "mirage.annotations" (list $root .annotations (dict "helm.sh/resource-policy" "keep")) | nindent 2 }}
spec:
  accessModes:
    {{- toYaml .accessModes | nindent 4 }}
  {{- with $root.Values.global.storageClass | default .storageClass }}
  storageClassName: {{ eq . "-" | ternary "" . | toJson }}
  {{- end }}
  {{- with .volumeName }}
  volumeName: {{ toJson . }}
  {{- end }}
  {{- with .selector }}
  selector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  resources:
    requests:
      storage: {{ toJson .size }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Path of the private certificate authorities; empty without them. */}}
{{- define "mirage.ca.file" -}}
{{- with .Values.caCertificates -}}
{{- if or .configMap .secret -}}
/etc/mirage/ca/{{ .key }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "mirage.ca.mount" -}}
{{- if include "mirage.ca.file" . -}}
- name: ca
  mountPath: /etc/mirage/ca
  readOnly: true
{{- end -}}
{{- end }}

{{- define "mirage.ca.volume" -}}
{{- with .Values.caCertificates -}}
{{- if .secret -}}
- name: ca
  secret:
    secretName: {{ toJson .secret }}
{{- else if .configMap -}}
- name: ca
  configMap:
    name: {{ toJson .configMap }}
{{- end -}}
{{- end -}}
{{- end }}
