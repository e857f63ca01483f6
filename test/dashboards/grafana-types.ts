/**
 * Grafana's own types as the judge of generated dashboards. Each part of one is written out as a TypeScript literal, which the compiler holds
 * against the type of @grafana/schema: a key that the type does not have, a value that its enum does not have, and a missing key are errors.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '../..');
const SCHEMA = join(ROOT, 'node_modules/@grafana/schema/dist/types');
const PANELS = '@grafana/schema/dist/esm/raw/composable';

/** Where each kind of panel has its types. Without fieldConfig the kind has no configuration of its own. */
const KINDS: Readonly<Record<string, { readonly from: string; readonly fieldConfig?: true }>> = {
  stat: { from: `${PANELS}/stat/panelcfg/x/types.gen` },
  bargauge: { from: `${PANELS}/bargauge/panelcfg/x/types.gen` },
  text: { from: `${PANELS}/text/panelcfg/x/types.gen` },
  timeseries: { from: `${PANELS}/timeseries/panelcfg/x/types.gen`, fieldConfig: true },
  table: { from: `${PANELS}/table/panelcfg/x/types.gen`, fieldConfig: true },
};

/** What only Grafana before 12.2 reads; later ones turn it into what they have instead. */
const OLDER: Readonly<Record<string, readonly string[]>> = { table: ['footer'] };

/** What Grafana has beyond @grafana/schema, which knows no data sources. */
const BEYOND = [
  "type PrometheusQuery = DataQuery & { expr: string; legendFormat?: string; format?: 'time_series' | 'table' | 'heatmap';",
  'instant?: boolean; range?: boolean; interval?: string };',
  'type PrometheusAnnotation = AnnotationQuery<PrometheusQuery> & {',
  'titleFormat?: string; textFormat?: string; tagKeys?: string; useValueForTime?: boolean };',
  "type SqlQuery = DataQuery & { rawSql: string; rawQuery: boolean; format: 'time_series' | 'table'; editorMode: 'code' | 'builder' };",
  'type SqlAnnotation = AnnotationQuery<SqlQuery>;',
  // What the list of variables shows of a query.
  'type Variable = VariableModel & { definition?: string };',
].join(' ');

/** Enums of TypeScript refuse plain strings, which is what JSON has; of each its values are allowed instead. */
const WIDENED = [
  'type Json<T> = unknown extends T ? T',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: TypeScript's own syntax.
  ': T extends string ? `${T}`',
  ': T extends number | boolean | null | undefined ? T',
  ': T extends readonly (infer E)[] ? readonly Json<E>[]',
  ': { readonly [K in keyof T]: Json<T[K]> };',
].join(' ');

const IMPORTS = [
  `import type { AnnotationQuery, Dashboard, DataQuery, FieldConfig, FieldConfigSource, Panel, RowPanel, VariableModel } from '@grafana/schema';`,
  ...Object.entries(KINDS).map(
    ([kind, { from, fieldConfig }]) =>
      `import type { Options as ${kind}Options${fieldConfig ? `, FieldConfig as ${kind}Field` : ''} } from '${from}';`,
  ),
];

/** The lines before the first part in the file that is compiled. */
const LINES_BEFORE = 3;
const TSCONFIG = {
  compilerOptions: {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    module: 'nodenext',
    types: [],
    paths: { '@grafana/schema': [join(SCHEMA, 'index.d.ts')], '@grafana/schema/dist/esm/*': [join(SCHEMA, '*.d.ts')] },
  },
  files: ['check.ts'],
};

const record = z.record(z.string(), z.unknown());
const dashboardParts = z.looseObject({
  title: z.string(),
  panels: z.array(z.looseObject({ type: z.string() })),
  annotations: z.object({ list: z.array(z.unknown()) }),
  templating: z.object({ list: z.array(z.unknown()) }),
});
const panelParts = z.looseObject({
  title: z.string(),
  options: record,
  targets: z.array(z.unknown()).default([]),
  fieldConfig: z.object({
    defaults: z.looseObject({ custom: record.optional() }),
    overrides: z.array(z.object({ properties: z.array(z.object({ id: z.string(), value: z.unknown() })) }).loose()),
  }),
});

/** One part of a dashboard with the type that Grafana has for it. */
interface Part {
  /** Where it was found, for the message. */
  readonly place: string;
  readonly value: unknown;
  readonly type: string;
}

function partsOf(model: unknown): Part[] {
  const { panels, annotations, templating, ...board } = dashboardParts.parse(model);
  const place = board.title;
  return [
    { place, value: board, type: 'Dashboard' },
    ...templating.list.map((value) => ({ place, value, type: 'Variable' })),
    ...annotations.list.map((value) => ({ place, value, type: isSql(value) ? 'SqlAnnotation' : 'PrometheusAnnotation' })),
    ...panels.flatMap((panel) => partsOfPanel(place, panel)),
  ];
}

/** Of the PostgreSQL data source? */
const isSql = (value: unknown): boolean => JSON.stringify(value).includes('grafana-postgresql-datasource');

function partsOfPanel(board: string, panel: { readonly type: string }): Part[] {
  const kind = panel.type;
  if (kind === 'row') return [{ place: board, value: panel, type: 'RowPanel' }];
  const of = KINDS[kind];
  if (of === undefined) throw new Error(`No types are known for panels of the kind ${kind}.`);
  const { title, options, targets, fieldConfig, ...rest } = panelParts.parse(panel);
  for (const key of OLDER[kind] ?? []) delete options[key];
  const { custom, ...defaults } = fieldConfig.defaults;
  const place = `${board} / ${title}`;
  const field = of.fieldConfig === undefined ? 'Record<string, never>' : `${kind}Field`;
  return [
    { place, value: { title, ...rest }, type: 'Panel' },
    { place, value: options, type: `${kind}Options` },
    ...targets.map((value) => ({ place, value, type: isSql(value) ? 'SqlQuery' : 'PrometheusQuery' })),
    { place, value: defaults, type: 'FieldConfig' },
    ...(custom === undefined ? [] : [{ place, value: custom, type: `Partial<${field}>` }]),
    ...fieldConfig.overrides.flatMap(({ properties, ...override }) => [
      { place, value: { ...override, properties: [] }, type: "FieldConfigSource['overrides'][number]" },
      ...properties.map(({ id, value }) => ({ place: `${place}: ${id}`, value, type: propertyType(id, field) })),
    ]),
  ];
}

/** "custom.footer.reducers" is a path into the kind's own configuration, "unit" a key of the configuration that all kinds share. */
function propertyType(id: string, field: string): string {
  const [own, path] = id.startsWith('custom.') ? [field, id.slice('custom.'.length)] : ['FieldConfig', id];
  return path.split('.').reduce((type, key) => `NonNullable<${type}['${key}']>`, own);
}

/** One sentence for each part that Grafana's types refuse, and the compiler's reason. None: all of it fits. */
export async function typeErrors(models: readonly unknown[]): Promise<string[]> {
  const parts = [...new Map(models.flatMap(partsOf).map((part) => [`${part.type} ${JSON.stringify(part.value)}`, part])).values()];
  const lines = parts.map(({ value, type }) => `(${JSON.stringify(value)}) satisfies Json<${type}>;`);
  const folder = await mkdtemp(join(tmpdir(), 'ledgerline-grafana-types-'));
  try {
    await writeFile(join(folder, 'check.ts'), [IMPORTS.join(' '), WIDENED, BEYOND, ...lines].join('\n'));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    return (await compile(folder)).map((error) => named(error, parts));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What the compiler prints: "check.ts(3,2): error TS2322: …", with more lines that begin with spaces. */
function compile(folder: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    execFile(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], { cwd: folder }, (error, stdout) => {
      if (error !== null && stdout === '') reject(error);
      else resolve(stdout.split(/\n(?=\S)/).filter((text) => text.trim() !== ''));
    });
  });
}

function named(error: string, parts: readonly Part[]): string {
  const line = Number(/^check\.ts\((\d+),/.exec(error)?.[1]);
  const part = parts[line - 1 - LINES_BEFORE];
  return part === undefined ? error.trim() : `${part.place} (${part.type}) ${error.replace(/^[^:]*: /, '').trim()}`;
}
