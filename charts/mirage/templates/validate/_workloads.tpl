{{/* Pods: resources, users, variables, labels. */}}
{{- define "mirage.validate.workloads" -}}
{{- range $name := list "api" "indexer" "postgresql" "ollama" -}}
{{- $values := index $.Values $name -}}
{{- include "mirage.validate.resources" (dict "path" (printf "%s.resources" $name) "resources" $values.resources) -}}
{{- include "mirage.validate.variables" (dict "path" (printf "%s.extraEnv" $name) "component" $name "variables" $values.extraEnv "root" $) -}}
{{- include "mirage.validate.containers" (dict "component" $name "values" $values) -}}
{{- range $key := list "labels" "annotations" "podLabels" "podAnnotations" -}}
{{- include "mirage.validate.metadata" (dict "path" (printf "%s.%s" $name $key) "entries" (index $values $key)) -}}
{{- end -}}
{{- end -}}
{{- range $path, $of := dict "common" (dict "labels" .Values.commonLabels "annotations" .Values.commonAnnotations) "serviceAccount." .Values.serviceAccount "api.service." .Values.api.service "ingress." .Values.ingress "httpRoute." .Values.httpRoute "documents.persistence." .Values.documents.persistence "postgresql.persistence." .Values.postgresql.persistence "ollama.persistence." .Values.ollama.persistence -}}
{{- range $key := list "labels" "annotations" -}}
{{- include "mirage.validate.metadata" (dict "path" (printf "%s%s" $path (ternary (title $key) $key (eq $path "common"))) "entries" (index $of $key)) -}}
{{- end -}}
{{- end -}}
{{- if not (or .Values.api.enabled .Values.indexer.enabled) }}
{{ print "api.enabled and indexer.enabled are both false, so nothing would run: enable one of them" }}
{{- end -}}
{{- include "mirage.validate.resources" (dict "path" "ollama.pullResources" "resources" .Values.ollama.pullResources) -}}
{{- include "mirage.validate.resources" (dict "path" "tests.resources" "resources" .Values.tests.resources) -}}
{{- range $prefix, $values := dict "" .Values "postgresql." .Values.postgresql "ollama." .Values.ollama -}}
{{- $pod := $values.podSecurityContext | default dict -}}
{{- $container := $values.securityContext | default dict -}}
{{- range $path, $context := dict "podSecurityContext" $pod "securityContext" $container -}}
{{- $nonRoot := ternary $context.runAsNonRoot (or $container.runAsNonRoot $pod.runAsNonRoot) (hasKey $context "runAsNonRoot") -}}
{{- if and $nonRoot (eq (get $context "runAsUser" | toString) "0") }}
{{ printf "%s%s.runAsUser is 0, which is root, while runAsNonRoot is true: use another user, or set runAsNonRoot to false" $prefix $path }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- /* The parser is a process of the indexer's pod. */ -}}
{{- $defaults := include "mirage.model.defaults" . | fromYaml -}}
{{- $parser := .Values.config.indexer.parseMemoryBytes | default (get $defaults "config.indexer.parseMemoryBytes") -}}
{{- $limit := dig "limits" "memory" "" (.Values.indexer.resources | default dict) -}}
{{- if and (not (kindIs "invalid" $limit)) (ne (toString $limit) "") -}}
{{- if ge (float64 $parser) (include "mirage.quantity" $limit | float64) }}
{{ printf "config.indexer.parseMemoryBytes (%s) is not below the pod's memory limit indexer.resources.limits.memory (%s): lower it or raise the limit" (include "mirage.text" $parser) (toString $limit) }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Limits are not 0 and not below requests. Takes `path` and `resources`. */}}
{{- define "mirage.validate.resources" -}}
{{- $limits := dig "limits" (dict) (.resources | default dict) | default dict -}}
{{- $requests := dig "requests" (dict) (.resources | default dict) | default dict -}}
{{- range $name, $limit := $limits -}}
{{- if not (kindIs "invalid" $limit) -}}
{{- $most := include "mirage.quantity" $limit | float64 -}}
{{- $request := get $requests $name -}}
{{- if and (has $name (list "cpu" "memory" "ephemeral-storage")) (le $most 0.0) }}
{{ printf "%s.limits.%s is %s, with which no container starts: raise it, or set it to null for no limit" $.path $name (toString $limit) }}
{{- else if and (hasKey $requests $name) (not (kindIs "invalid" $request)) -}}
{{- if gt (include "mirage.quantity" $request | float64) $most }}
{{ printf "%s.limits.%s (%s) is below %s.requests.%s (%s): raise the limit or lower the request" $.path $name (toString $limit) $.path $name (toString $request) }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Variables of the user's do not change what the chart sets. Takes `path`, `component`,
     `variables` and `root`. */}}
{{- define "mirage.validate.variables" -}}
{{- $known := include "mirage.model.variables" .root | fromYaml -}}
{{- $own := get (dict "postgresql" (list "PGDATA" "POSTGRES_USER" "POSTGRES_DB" "POSTGRES_PASSWORD") "ollama" (list "OLLAMA_HOST" "OLLAMA_MODELS" "HOME")) .component | default list -}}
{{- $seen := dict -}}
{{- range $i, $variable := .variables -}}
{{- $name := $variable.name -}}
{{- $path := printf "%s[%d]" $.path $i -}}
{{- if hasKey $seen $name }}
{{ printf "%s sets %s a second time: remove one" $path $name }}
{{- else if has $name $own }}
{{ printf "%s sets %s, which the chart sets itself: remove it" $path $name }}
{{- else if and (hasPrefix "MIRAGE_" $name) (has $.component (list "postgresql" "ollama")) }}
{{ printf "%s sets %s, which only miRAGe reads: remove it" $path $name }}
{{- else if and (hasPrefix "MIRAGE_" $name) (hasKey $known $name) -}}
{{- $key := get $known $name }}
{{- if $key }}
{{ printf "%s sets %s: set %s instead" $path $name $key }}
{{- else }}
{{ printf "%s sets %s, which the chart sets itself: remove it" $path $name }}
{{- end -}}
{{- else if hasPrefix "MIRAGE_" $name }}
{{ printf "%s sets %s, which is not a setting of miRAGe: check its spelling" $path $name }}
{{- end -}}
{{- $_ := set $seen $name true -}}
{{- end -}}
{{- end }}

{{/* Containers and volumes of the user's have names of their own. Takes `component` and its
     `values`. */}}
{{- define "mirage.validate.containers" -}}
{{- $own := get (dict "api" (list "api") "indexer" (list "migrate" "indexer") "postgresql" (list "password" "postgresql") "ollama" (list "ollama")) .component -}}
{{- $volumes := get (dict "postgresql" (list "data" "run" "shm" "tmp" "user") "ollama" (list "data" "tmp")) .component | default (list "documents" "ca" "tmp") -}}
{{- $containers := deepCopy $own -}}
{{- range $key := list "initContainers" "sidecars" -}}
{{- range $i, $container := index $.values $key -}}
{{- $path := printf "%s.%s[%d]" $.component $key $i -}}
{{- if has $container.name $containers }}
{{ printf "%s.name is %q, which another container of the pod has: choose another name" $path $container.name }}
{{- end -}}
{{- if not $container.image }}
{{ printf "%s has no image: set %s.image" $path $path }}
{{- end -}}
{{- $containers = append $containers $container.name -}}
{{- end -}}
{{- end -}}
{{- $known := deepCopy $volumes -}}
{{- range $i, $volume := .values.extraVolumes -}}
{{- if has $volume.name $known }}
{{ printf "%s.extraVolumes[%d].name is %q, which another volume of the pod has: choose another name" $.component $i $volume.name }}
{{- end -}}
{{- $known = append $known $volume.name -}}
{{- end -}}
{{- range $i, $mount := .values.extraVolumeMounts -}}
{{- if not (has $mount.name $known) }}
{{ printf "%s.extraVolumeMounts[%d].name is %q, but there is no such volume: add it to %s.extraVolumes" $.component $i $mount.name $.component }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Labels and annotations of the user's do not repeat the chart's. Takes `path` and `entries`. */}}
{{- define "mirage.validate.metadata" -}}
{{- range $key, $_ := .entries -}}
{{- if or (has $key (list "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/component" "app.kubernetes.io/part-of" "app.kubernetes.io/version" "app.kubernetes.io/managed-by")) (regexMatch "^(mirage-rag\\.github\\.io|checksum|helm\\.sh|meta\\.helm\\.sh)/" $key) }}
{{ printf "%s[%q] repeats what the chart sets: use another name" $.path $key }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* A Kubernetes quantity as a number. */}}
{{- define "mirage.quantity" -}}
{{- $text := toString . -}}
{{- if not (kindIs "string" .) -}}
{{- toJson . -}}
{{- else -}}
{{- $number := regexFind "^[0-9.]+" $text -}}
{{- $unit := trimPrefix $number $text -}}
{{- $factors := dict "" 1.0 "n" 1e-9 "u" 1e-6 "m" 1e-3 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 "Pi" 1125899906842624.0 "Ei" 1152921504606846976.0 -}}
{{- if hasKey $factors $unit -}}
{{- mulf (float64 $number) (get $factors $unit) -}}
{{- else -}}
{{- float64 $text -}}
{{- end -}}
{{- end -}}
{{- end }}
