/**
 * What Grafana does to a query of its PostgreSQL data source before it asks: variables in the browser, then the macros on its server. After
 * pkg/tsdb/grafana-postgresql-datasource/{macros.go,sqleng/sql_engine.go} of grafana/grafana, and MultiValueVariable.ts of
 * grafana/scenes for variables: a chosen "All" with a value of its own is put in as that is, whatever the format.
 */
export interface GrafanaAsks {
  readonly fromMs: number;
  readonly toMs: number;
  /** What is chosen of each variable; "All" of those not named. */
  readonly variables?: Readonly<Record<string, readonly string[]>>;
  /** What the variables have for "All". */
  readonly allValue: string;
}

export function expand(sql: string, { fromMs, toMs, variables = {}, allValue }: GrafanaAsks): string {
  const seconds = (ms: number): string => String(Math.floor(ms / 1000));
  const chosen = sql.replaceAll(/\$\{(\w+)(?::(\w+))?\}/g, (found, name: string, format: string | undefined) => {
    if (format !== 'sqlstring') throw new Error(`${found}: only texts in quotes are safe in SQL.`);
    return variables[name]?.map((value) => `'${value.replaceAll("'", "''")}'`).join(',') ?? allValue;
  });
  return chosen.replaceAll(/\$([_a-zA-Z0-9]+)\(([^)]*)\)/g, (_, name: string, args: string) => {
    const macro = MACROS[name];
    if (macro === undefined) throw new Error(`unknown macro "${name}"`);
    return macro(
      args.split(',').map((arg) => arg.trim()),
      { from: seconds(fromMs), to: seconds(toMs), fromMs, toMs },
    );
  });
}

interface Range {
  readonly from: string;
  readonly to: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const text = (ms: number): string => `'${new Date(ms).toISOString().replace('.000Z', 'Z')}'`;

const MACROS: Readonly<Record<string, (args: readonly string[], range: Range) => string>> = {
  __time: ([column]) => `${column} AS "time"`,
  __timeEpoch: ([column]) => `extract(epoch from ${column}) as "time"`,
  __timeFilter: ([column], { fromMs, toMs }) => `${column} BETWEEN ${text(fromMs)} AND ${text(toMs)}`,
  __timeFrom: (_, { fromMs }) => text(fromMs),
  __timeTo: (_, { toMs }) => text(toMs),
  __unixEpochFilter: ([column], { from, to }) => `${column} >= ${from} AND ${column} <= ${to}`,
  __unixEpochFrom: (_, { from }) => from,
  __unixEpochTo: (_, { to }) => to,
};
