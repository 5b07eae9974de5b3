{{/* Access from outside, and its Service. */}}
{{- define "mirage.validate.network" -}}
{{- $ingress := .Values.ingress -}}
{{- $annotations := $ingress.annotations | default dict -}}
{{- if and $ingress.enabled (not $ingress.host) }}
{{ print "ingress.host is not set while ingress.enabled is true: set it to the host name of the API" }}
{{- end -}}
{{- if $ingress.tls.defaultCertificate -}}
{{- if $ingress.tls.secretName }}
{{ print "ingress.tls.secretName is set while ingress.tls.defaultCertificate is true: remove one of them" }}
{{- end -}}
{{- else if and $ingress.tls.enabled $ingress.tls.clusterIssuer -}}
{{- range $name := list "cert-manager.io/cluster-issuer" "cert-manager.io/issuer" -}}
{{- if hasKey $annotations $name }}
{{ printf "ingress.annotations[%q] and ingress.tls.clusterIssuer are both set: remove the annotation, or set ingress.tls.clusterIssuer=null" $name }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $web := .Values.config.web | default dict -}}
{{- if and $web.userHeader (not $web.trustedProxies) }}
{{ print "config.web.userHeader is set, but config.web.trustedProxies is not: name the addresses of the proxies, because anybody else could send the header" }}
{{- end -}}
{{- range $name := list "ingress" "httpRoute" -}}
{{- if and (index $.Values $name).enabled (not $.Values.api.enabled) }}
{{ printf "%s.enabled is true, but api.enabled is false: there is nothing to route to" $name }}
{{- end -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{ print "httpRoute.parentRefs is not set while httpRoute.enabled is true: name a Gateway, such as httpRoute.parentRefs[0].name=traefik-gateway" }}
{{- end -}}
{{- $service := .Values.api.service -}}
{{- if eq $service.type "ClusterIP" -}}
{{- range $key := list "nodePort" "externalTrafficPolicy" -}}
{{- if index $service $key }}
{{ printf "api.service.%s is set while api.service.type is ClusterIP: use NodePort or LoadBalancer, or remove it" $key }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if ne $service.type "LoadBalancer" -}}
{{- range $key := list "loadBalancerClass" "loadBalancerSourceRanges" -}}
{{- if index $service $key }}
{{ printf "api.service.%s is set while api.service.type is %s: use LoadBalancer, or remove it" $key $service.type }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
