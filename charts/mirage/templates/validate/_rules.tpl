{{/* Texts that break a rule, see schema/rules.py. */}}
{{- define "mirage.validate.rules" -}}
{{- $tree := include "mirage.model.rules" . | fromYaml -}}
{{- $texts := include "mirage.model.rules.texts" . | fromYaml -}}
{{- include "mirage.rules.walk" (dict "path" "" "value" .Values "node" $tree.values "tree" $tree "texts" $texts) -}}
{{- end }}

{{/* Walks values along the tree of rules. Takes `path` and `value`, the `node` of the tree for it,
     the whole `tree`, and the rules of `texts`. */}}
{{- define "mirage.rules.walk" -}}
{{- $ := . -}}
{{- $node := .node -}}
{{- if and (kindIs "string" $node) (hasPrefix "$" $node) -}}
{{- $node = get .tree (trimPrefix "$" $node) -}}
{{- end -}}
{{- if kindIs "string" $node -}}
{{- include "mirage.rules.text" (dict "path" .path "value" .value "rule" $node "texts" .texts) -}}
{{- else if kindIs "map" .value -}}
{{- range $key, $value := .value -}}
{{- $path := printf "%s.%s" $.path $key | trimPrefix "." -}}
{{- if contains "." $key -}}
{{- $path = printf "%s[%q]" $.path $key -}}
{{- end -}}
{{- $names := get $node "?" -}}
{{- if $names -}}
{{- include "mirage.rules.text" (dict "path" (printf "the name of %s" $path) "value" $key "rule" $names "texts" $.texts) -}}
{{- end -}}
{{- $child := get $node $key | default (get $node "*") -}}
{{- if and $child (not (kindIs "invalid" $value)) -}}
{{- include "mirage.rules.walk" (dict "path" $path "value" $value "node" $child "tree" $.tree "texts" $.texts) -}}
{{- end -}}
{{- end -}}
{{- else if and (kindIs "slice" .value) (get $node "*") -}}
{{- range $i, $value := .value -}}
{{- include "mirage.rules.walk" (dict "path" (printf "%s[%d]" $.path $i) "value" $value "node" (get $node "*") "tree" $.tree "texts" $.texts) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Compares one text with its rule. Takes `path`, `value`, the name of the `rule` and all `texts`. */}}
{{- define "mirage.rules.text" -}}
{{- $quoted := hasPrefix "!" .rule -}}
{{- $rule := get .texts (trimPrefix "!" .rule) -}}
{{- if not (kindIs "string" .value) -}}
{{- if $quoted }}
{{ printf "%s is not a text: put it in quotes, or use --set-string, because YAML rewrites numbers and words such as yes" .path }}
{{- end -}}
{{- else if $rule -}}
{{- if not (regexMatch $rule.pattern .value) }}
{{ printf "%s%s: %s" .path (ternary " cannot be used" (printf " is %q" (trunc 80 .value)) $rule.secret) $rule.remedy }}
{{- end -}}
{{- end -}}
{{- end }}
