{{- define "odd.merged" -}}
{{- toYaml (merge (deepCopy .Values.extra) .Values.base) -}}
{{- end -}}
{{- define "odd.labels" }}
app: odd
mode: {{ .Values.mode }}
{{- end }}
{{- define "odd.kind" -}}
{{- if eq .Values.mode "fast" -}}
quick
{{- else -}}
slow
{{- end -}}
{{- end -}}
