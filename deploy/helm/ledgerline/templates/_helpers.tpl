{{- define "ledgerline.name" -}}
{{- if contains "ledgerline" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-ledgerline" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end -}}
{{- end -}}

{{- define "ledgerline.selector" -}}
app.kubernetes.io/name: ledgerline
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "ledgerline.labels" -}}
{{ include "ledgerline.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "ledgerline.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "ledgerline.name" .) .Values.serviceAccount.name }}{{ else }}{{ default "default" .Values.serviceAccount.name }}{{ end -}}
{{- end -}}

{{- define "ledgerline.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}

{{/* What would only fail once pods run is refused here, with the value to set. */}}
{{- define "ledgerline.check" -}}
{{- if not (has .Values.mode (list "embedded" "postgres")) }}{{ fail (printf "mode is %q: it must be embedded or postgres" .Values.mode) }}{{ end -}}
{{- $config := default dict .Values.config -}}
{{- $server := default dict $config.server -}}
{{- $auth := default dict $config.auth -}}
{{- if $server.tls }}{{ fail "config.server.tls is for a collector that clients reach directly; probes, scrapes and services of this chart speak to pods without TLS. End TLS at the ingress (ingress.tlsSecret), a load balancer or a service mesh, and leave server.tls out" }}{{ end -}}
{{- if not (or $auth.tokens $server.insecure) -}}
{{- fail "Pods listen on the network, so clients must prove who they are: set config.auth.tokens, or config.server.insecure: true" -}}
{{- end -}}
{{- if and $server.allowed_hosts .Values.monitoring.enabled }}{{ fail "monitoring.enabled has pods scraped by their addresses, which no list in config.server.allowed_hosts can name: leave one of both out" }}{{ end -}}
{{- range $key, $port := dict "otlp_grpc_port" 4317 "otlp_http_port" 4318 "api_port" 8484 "metrics_port" 9464 -}}
{{- if and (hasKey $server $key) (ne (int (index $server $key)) $port) }}{{ fail (printf "config.server.%s: services, probes and scrapes of this chart speak to port %d of pods. Leave it out; another port for clients is for the ingress or a load balancer" $key $port) }}{{ end -}}
{{- end -}}
{{- if has (toString $server.host) (list "localhost" "127.0.0.1" "::1") }}{{ fail "config.server.host is the loopback of the pod, where no probe and no client arrives: leave it out" }}{{ end -}}
{{- if and $config.role (ne $config.role "all") }}{{ fail "config.role comes from the chart, which gives each pod its own in mode postgres: leave it out" }}{{ end -}}
{{- if $config.storage }}{{ fail "config.storage comes from postgres.url and its neighbours: set those" }}{{ end -}}
{{- if eq .Values.mode "postgres" -}}
{{- if not .Values.postgres.url }}{{ fail "mode is postgres and postgres.url is empty: set it to postgres://USER@HOST:5432/DATABASE" }}{{ end -}}
{{- range $key := list "url" "readUrl" -}}
{{- if regexMatch "://[^@/]*:[^@/]*@" (index $.Values.postgres $key) }}{{ fail (printf "postgres.%s has a password: put it into a Secret and name that in postgres.passwordSecret" $key) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Names by which what runs in the cluster asks the services, as a list in JSON. */}}
{{- define "ledgerline.serviceHosts" -}}
{{- $hosts := list -}}
{{- range $service := list "otlp" "web" -}}
{{- range $domain := list "" (printf ".%s" $.Release.Namespace) (printf ".%s.svc" $.Release.Namespace) (printf ".%s.svc.cluster.local" $.Release.Namespace) -}}
{{- $hosts = append $hosts (printf "%s-%s%s" (include "ledgerline.name" $) $service $domain) -}}
{{- end -}}
{{- end -}}
{{- toJson $hosts -}}
{{- end -}}

{{- define "ledgerline.config" -}}
{{- $own := dict "data" "/data" "server" (dict "host" "0.0.0.0" "otlp_grpc_port" 4317 "otlp_http_port" 4318 "api_port" 8484 "metrics_port" 9464) -}}
{{- if eq .Values.mode "postgres" -}}
{{- $pg := .Values.postgres -}}
{{- $storage := dict "url" $pg.url -}}
{{- if $pg.readUrl }}{{ $_ := set $storage "read_url" $pg.readUrl }}{{ end -}}
{{- if $pg.passwordSecret.name }}{{ $_ := set $storage "password_file" (printf "/etc/ledgerline/postgres/%s" $pg.passwordSecret.key) }}{{ end -}}
{{- if $pg.tls.enabled -}}
{{- $tls := dict -}}
{{- if $pg.tls.caSecret.name }}{{ $_ := set $tls "ca_file" (printf "/etc/ledgerline/postgres-ca/%s" $pg.tls.caSecret.key) }}{{ end -}}
{{- if $pg.tls.serverName }}{{ $_ := set $tls "server_name" $pg.tls.serverName }}{{ end -}}
{{- $_ := set $storage "tls" $tls -}}
{{- else -}}
{{- $_ := set $storage "insecure" true -}}
{{- end -}}
{{- $_ := set $own "storage" $storage -}}
{{- end -}}
{{- $given := deepCopy (default dict .Values.config) -}}
{{- if not $given.server }}{{ $_ := unset $given "server" }}{{ end -}}
{{- $config := mustMergeOverwrite $own $given -}}
{{- with $config.server.allowed_hosts }}{{ $_ := set $config.server "allowed_hosts" (concat . (include "ledgerline.serviceHosts" $ | fromJsonArray)) }}{{ end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* All but that of /data: (dict "root" $ "config" NAME-OF-THE-CONFIGMAP) */}}
{{- define "ledgerline.volumes" -}}
- name: config
  configMap:
    name: {{ .config }}
{{- with .root }}
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: 64Mi}
{{- range .Values.secrets }}
- name: secret-{{ .name }}
  secret:
    secretName: {{ .secretName }}
    defaultMode: 0440
{{- end }}
{{- if eq .Values.mode "postgres" }}
{{- with .Values.postgres.passwordSecret }}{{ if .name }}
- name: postgres
  secret:
    secretName: {{ .name }}
    defaultMode: 0440
{{- end }}{{ end }}
{{- with .Values.postgres.tls }}{{ if and .enabled .caSecret.name }}
- name: postgres-ca
  secret:
    secretName: {{ .caSecret.name }}
    defaultMode: 0440
{{- end }}{{ end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "ledgerline.mounts" -}}
- {name: config, mountPath: /etc/ledgerline/ledgerline.yaml, subPath: ledgerline.yaml, readOnly: true}
- {name: data, mountPath: /data}
- {name: tmp, mountPath: /tmp}
{{- range .Values.secrets }}
- {name: secret-{{ .name }}, mountPath: /etc/ledgerline/secrets/{{ .name }}, readOnly: true}
{{- end }}
{{- if eq .Values.mode "postgres" }}
{{- if .Values.postgres.passwordSecret.name }}
- {name: postgres, mountPath: /etc/ledgerline/postgres, readOnly: true}
{{- end }}
{{- if and .Values.postgres.tls.enabled .Values.postgres.tls.caSecret.name }}
- {name: postgres-ca, mountPath: /etc/ledgerline/postgres-ca, readOnly: true}
{{- end }}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "ledgerline.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "ledgerline.containerSecurity" -}}
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
{{- end -}}

{{/* From where images are pulled and to which nodes pods go: of every pod, also those of jobs. */}}
{{- define "ledgerline.placement" -}}
{{- range $key := list "imagePullSecrets" "nodeSelector" "tolerations" "affinity" }}
{{- with index $.Values $key }}
{{ $key }}: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The pod of a role: (dict "root" $ "role" "receiver" "resources" …) */}}
{{- define "ledgerline.pod" -}}
{{- $root := .root -}}
metadata:
  labels:
    {{- include "ledgerline.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
  annotations:
    # A changed configuration starts the pods anew.
    checksum/config: {{ include "ledgerline.config" $root | sha256sum }}
    {{- with $root.Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "ledgerline.serviceAccount" $root }}
  automountServiceAccountToken: false
  # Of a Service called ledgerline-web, Kubernetes would make variables such as LEDGERLINE_WEB_SERVICE_HOST, which are no keys of the configuration.
  enableServiceLinks: false
  {{- include "ledgerline.placement" $root | nindent 2 }}
  # The writer gets a minute to finish what was acknowledged. Before it, threads that hang get ten seconds each, one after the other.
  terminationGracePeriodSeconds: {{ ternary 180 90 (has .role (list "all" "worker")) }}
  securityContext: {{ include "ledgerline.podSecurity" $root | nindent 4 }}
  containers:
    - name: ledgerline
      image: {{ include "ledgerline.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [serve, --config, /etc/ledgerline/ledgerline.yaml, --data, /data{{ if ne .role "all" }}, --role, {{ .role }}{{ end }}]
      securityContext: {{ include "ledgerline.containerSecurity" $root | nindent 8 }}
      ports:
        {{- if has .role (list "all" "receiver") }}
        - {name: otlp-grpc, containerPort: 4317}
        - {name: otlp-http, containerPort: 4318}
        {{- end }}
        - {name: web, containerPort: 8484}
        - {name: metrics, containerPort: 9464}
      # Names of server.allowed_hosts are checked; localhost always passes.
      startupProbe:
        httpGet: &health {path: /healthz, port: web, httpHeaders: [{name: Host, value: localhost}]}
        periodSeconds: 5
        # Half an hour: a start that converts a former version's ledger takes 20 s for each gigabyte, and one that is killed begins again.
        failureThreshold: 360
      livenessProbe:
        httpGet: *health
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /readyz, port: web, httpHeaders: [{name: Host, value: localhost}]}
        periodSeconds: 5
        timeoutSeconds: 3
      {{- if has .role (list "all" "receiver") }}
      lifecycle:
        # The endpoint goes first; connections that come meanwhile are still answered.
        preStop: {exec: {command: [node, -e, "setTimeout(() => {}, 5000)"]}}
      {{- end }}
      resources: {{ toYaml .resources | nindent 8 }}
      volumeMounts: {{ include "ledgerline.mounts" $root | nindent 8 }}
  volumes:
    {{- include "ledgerline.volumes" (dict "root" $root "config" (include "ledgerline.name" $root)) | nindent 4 }}
    {{- if eq $root.Values.mode "postgres" }}
    # Nothing that has to last: the database keeps it.
    - name: data
      emptyDir: {sizeLimit: 1Gi}
    {{- else if $root.Values.persistence.existingClaim }}
    - name: data
      persistentVolumeClaim: {claimName: {{ $root.Values.persistence.existingClaim }}}
    {{- end }}
  {{- if $root.Values.topologySpread }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "ledgerline.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ .role }}
  {{- end }}
{{- end -}}

{{/*
A job before pods of the new version or configuration start: (dict "root" $ "name" "migration" "hook" … "weight" "5" "args" (list …)).
It runs while the release still has its former objects, or none: of the chart it mounts nothing but its own ConfigMap, and it needs no account.
*/}}
{{- define "ledgerline.job" -}}
{{- $root := .root -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "ledgerline.name" $root }}-{{ .name }}
  labels: {{ include "ledgerline.labels" $root | nindent 4 }}
  annotations:
    helm.sh/hook: {{ .hook }}
    helm.sh/hook-weight: {{ .weight | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 5
  # Where another time zone makes all roll-ups anew, that takes minutes for years of data.
  activeDeadlineSeconds: 3600
  template:
    metadata:
      labels:
        {{- include "ledgerline.labels" $root | nindent 8 }}
        app.kubernetes.io/component: migration
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- include "ledgerline.placement" $root | nindent 6 }}
      restartPolicy: Never
      securityContext: {{ include "ledgerline.podSecurity" $root | nindent 8 }}
      containers:
        - name: {{ .name }}
          image: {{ include "ledgerline.image" $root }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: {{ concat .args (list "--config" "/etc/ledgerline/ledgerline.yaml") | toJson }}
          securityContext: {{ include "ledgerline.containerSecurity" $root | nindent 12 }}
          resources:
            requests: {cpu: 100m, memory: 256Mi}
            limits: {memory: 512Mi}
          volumeMounts: {{ include "ledgerline.mounts" $root | nindent 12 }}
      volumes:
        {{- include "ledgerline.volumes" (dict "root" $root "config" (printf "%s-migration" (include "ledgerline.name" $root))) | nindent 8 }}
        - name: data
          emptyDir: {sizeLimit: 64Mi}
{{- end -}}
