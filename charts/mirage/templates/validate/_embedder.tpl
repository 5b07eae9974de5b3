{{/* Which server embeds, and nothing that is not used with it. */}}
{{- define "mirage.validate.embedder" -}}
{{- $backend := include "mirage.backend" . -}}
{{- $ollama := .Values.ollama -}}
{{- if eq $backend "local" }}
{{ print "config.embedding.backend is local, but the image does not include that model: use ollama, or openai with config.openai.url" }}
{{- end -}}
{{- if eq $backend "openai" -}}
{{- range $key, $what := dict "url" "address" "model" "model" -}}
{{- if not (get $.Values.config.openai $key) }}
{{ printf "config.openai.%s is not set while config.embedding.backend is openai: set it to the %s of your embedding server" $key $what }}
{{- end -}}
{{- end -}}
{{- else -}}
{{- range $key, $value := .Values.config.openai -}}
{{- if not (kindIs "invalid" $value) }}
{{ printf "config.openai.%s is set while config.embedding.backend is %s: set config.embedding.backend=openai, or remove config.openai.%s" $key $backend $key }}
{{- end -}}
{{- end -}}
{{- range $key := list "openaiKey" "openaiExistingSecret" -}}
{{- if get $.Values.auth $key }}
{{ printf "auth.%s is set while config.embedding.backend is %s: set config.embedding.backend=openai, or remove auth.%s" $key $backend $key }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $ollama.enabled -}}
{{- if $ollama.url }}
{{ print "ollama.url is set while ollama.enabled is true: set ollama.enabled=false, or remove ollama.url" }}
{{- end -}}
{{- else if and (not $ollama.url) (eq $backend "ollama") }}
{{ print "ollama.url is not set while ollama.enabled is false: set it to the address of your Ollama" }}
{{- else if and (not $ollama.url) $ollama.pullModel }}
{{ print "ollama.pullModel is true, but there is no Ollama: set it to false, or ollama.url to the address of your Ollama" }}
{{- end -}}
{{- range $key := list "ollamaToken" "ollamaExistingSecret" -}}
{{- if and (get $.Values.auth $key) (or $ollama.enabled (not $ollama.url)) }}
{{ printf "auth.%s is set, but there is no Ollama outside the release: set ollama.enabled=false and ollama.url, or remove auth.%s" $key $key }}
{{- end -}}
{{- end -}}
{{- if and .Values.auth.proxyExistingSecret (not .Values.config.embedding.proxy) }}
{{ print "auth.proxyExistingSecret is set without config.embedding.proxy: set that to the address of the proxy" }}
{{- end -}}
{{- if and $ollama.models (not $ollama.pullModel) }}
{{ print "ollama.models is set while ollama.pullModel is false: set ollama.pullModel=true, or pull them by hand" }}
{{- end -}}
{{- if and $ollama.proxy (not $ollama.enabled) }}
{{ print "ollama.proxy is set while ollama.enabled is false: for requests to an embedding server, set config.embedding.proxy" }}
{{- end -}}
{{- if and .Values.networkPolicy.embedderTo $ollama.enabled (eq $backend "ollama") (not .Values.config.embedding.proxy) }}
{{ print "networkPolicy.embedderTo is set while Ollama is in the release: it is for an external embedding server or a proxy, remove it" }}
{{- end -}}
{{- if and .Values.networkPolicy.registryTo (not $ollama.enabled) }}
{{ print "networkPolicy.registryTo is set while ollama.enabled is false: nothing in this release downloads models, remove it" }}
{{- end -}}
{{- if and $ollama.pullInsecure (not $ollama.pullModel) (not $ollama.enabled) }}
{{ print "ollama.pullInsecure is true, but nothing pulls a model: set it to false" }}
{{- end -}}
{{- /* A setting that is null has the default of the program. */ -}}
{{- $defaults := include "mirage.model.defaults" . | fromYaml -}}
{{- $chunk := .Values.config.chunk -}}
{{- $size := kindIs "invalid" $chunk.size | ternary (get $defaults "config.chunk.size") $chunk.size | int -}}
{{- $overlap := kindIs "invalid" $chunk.overlap | ternary (get $defaults "config.chunk.overlap") $chunk.overlap | int -}}
{{- if ge $overlap $size }}
{{ printf "config.chunk.overlap (%d) is not smaller than config.chunk.size (%d): lower the overlap or raise the size" $overlap $size }}
{{- end -}}
{{- end }}
