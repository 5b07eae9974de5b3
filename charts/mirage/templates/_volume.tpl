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
{{- if (index (first .).Values (last .)).persistence.enabled -}}
persistentVolumeClaim:
  claimName: {{ include "mirage.claim" . | toJson }}
{{- else -}}
emptyDir: {}
{{- end -}}
{{- end }}

{{/* A claim that survives the release. Takes (list $ "postgresql"). */}}
{{- define "mirage.persistentVolumeClaim" -}}
{{- with (index (first .).Values (last .)).persistence -}}
{{- if and .enabled (not .existingClaim) -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ include "mirage.claim" $ | toJson }}
  labels:
    {{- include "mirage.labels" $ | nindent 4 }}
  annotations:
    helm.sh/resource-policy: keep
spec:
  accessModes:
    {{- toYaml .accessModes | nindent 4 }}
  {{- with .storageClass }}
  storageClassName: {{ toJson . }}
  {{- end }}
  resources:
    requests:
      storage: {{ toJson .size }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Path of the private certificate authorities, and their volume. */}}
{{- define "mirage.ca.file" -}}
{{- with .Values.trustedCa.configMap -}}
/etc/mirage/ca/{{ $.Values.trustedCa.key }}
{{- end -}}
{{- end }}

{{- define "mirage.ca.mount" -}}
{{- with .Values.trustedCa.configMap -}}
- name: ca
  mountPath: /etc/mirage/ca
  readOnly: true
{{- end -}}
{{- end }}

{{- define "mirage.ca.volume" -}}
{{- with .Values.trustedCa.configMap -}}
- name: ca
  configMap:
    name: {{ toJson . }}
{{- end -}}
{{- end }}
