/** What Alertmanager and Grafana write to people, in their common template language. Of many alerts in one message the first ten are listed. */

const SHOWN = 10;

export const TITLE = [
  '{{ if eq .Status "resolved" }}Resolved: {{ end }}{{ with index .Alerts 0 }}{{ .Annotations.summary }}{{ end }}',
  '{{ if gt (len .Alerts) 1 }} ({{ len .Alerts }} alerts){{ end }}',
].join('');

export const TEXT = [
  `{{ range $index, $alert := .Alerts }}{{ if lt $index ${SHOWN} }}{{ .Annotations.description }}\n{{ .Annotations.dashboard_url }}\n{{ .Annotations.runbook_url }}\n{{ end }}{{ end }}`,
  `{{ if gt (len .Alerts) ${SHOWN} }}Showing ${SHOWN} of {{ len .Alerts }} alerts; the board shows all.\n{{ end }}`,
].join('');

/** Alerts of budgets per member: sent together, or a limit that thousands reach at once would be thousands of messages. */
export const OF_MEMBERS = '.+/.+';

/** How long what is new about members waits for more. */
export const membersInterval = (messagesPerHour: number): string => `${Math.ceil(60 / messagesPerHour)}m`;
