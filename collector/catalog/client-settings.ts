/** What to put into the settings of Claude Code so that it reports to this collector. */

export interface ClientTarget {
  /** Base of the OTLP/HTTP receiver: "http://127.0.0.1:4318". */
  readonly url: string;
  /** Does the receiver ask for a token? */
  readonly needsToken: boolean;
}

/** The env block of ~/.claude/settings.json, of managed settings, or of a project's .claude/settings.json. */
export function clientSettings({ url, needsToken }: ClientTarget): { readonly env: Readonly<Record<string, string>> } {
  return {
    env: {
      CLAUDE_CODE_ENABLE_TELEMETRY: '1',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      ...(needsToken && { OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer <token>' }),
      // A later running total makes up for an interval that was lost with a restart or an answer.
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'cumulative',
      OTEL_METRICS_INCLUDE_VERSION: 'true',
      OTEL_METRICS_INCLUDE_ENTRYPOINT: 'true',
      OTEL_METRICS_INCLUDE_REPOSITORY: 'true',
    },
  };
}
