/** Telemetry and the provider's records put side by side, cell by cell. Pure. */
import { BILLERS, type Biller } from '../../catalog/billers.ts';
import {
  type ByClass,
  type Cell,
  NO_TELEMETRY,
  NO_TOKENS,
  NOT_MAPPED,
  type Place,
  plusSums,
  plusTokens,
  type Telemetry,
  type TelemetrySums,
} from './cell.ts';
import { billedOf, countedOf, type RatesOf, type RecordLine } from './records.ts';
import { type ChosenSources, chooseSources, type RecordDay, SOURCES_OF } from './sources.ts';

/** Sums of telemetry that agree in everything that matters here. */
export interface TelemetryRow {
  readonly day: string;
  /** Stored. */
  readonly workspace: string;
  readonly model: string;
  readonly biller: Biller;
  /** Stored value of price_basis. */
  readonly basis: string;
  readonly isCovered: boolean;
  readonly sums: TelemetrySums;
  readonly tokens: ByClass;
}

export interface Records {
  readonly lines: readonly RecordLine[];
  readonly days: readonly RecordDay[];
}

export interface Mapping {
  /** The workspace that one of the provider is; undefined: none. */
  readonly workspaceOf: (providers: string) => string | undefined;
  /** Products of the provider that Claude Code is. */
  readonly products: readonly string[];
  readonly ratesOf: RatesOf;
}

interface Group {
  telemetry: Telemetry;
  readonly billed: RecordLine[];
  readonly counted: RecordLine[];
}

/** One cell for each day, workspace, model and biller of which anything is known. */
/** `moved`: what of the rows belongs to a month that was closed before. */
export function cellsOf(rows: readonly TelemetryRow[], records: Records, mapping: Mapping, moved: readonly TelemetryRow[] = []): readonly Cell[] {
  return BILLERS.flatMap((biller) => cellsOfBiller(biller, { rows, moved }, records, mapping));
}

interface Rows {
  readonly rows: readonly TelemetryRow[];
  readonly moved: readonly TelemetryRow[];
}

function cellsOfBiller(biller: Biller, telemetry: Rows, { lines, days }: Records, mapping: Mapping): readonly Cell[] {
  const chosen = chooseSources(biller, days);
  const used = usedLines(biller, lines, chosen);
  const comparable = comparableWorkspaces([used.billed, used.counted], mapping);
  const hasRecords = used.billed.length + used.counted.length > 0;
  const groups = new Map<string, { readonly place: Place; readonly group: Group }>();
  const groupOf = (day: string, workspace: string, model: string): Group => {
    const key = JSON.stringify([day, workspace, model]);
    return groups.getOrInsertComputed(key, () => ({
      place: { day, workspace, model, biller },
      group: { telemetry: NO_TELEMETRY, billed: [], counted: [] },
    })).group;
  };
  const groupOfRow = ({ day, workspace, model }: TelemetryRow): Group =>
    groupOf(day, hasRecords && !comparable.has(workspace) ? NOT_MAPPED : workspace, model);
  for (const [kind, add] of [
    ['rows', withRow],
    ['moved', withMoved],
  ] as const)
    for (const row of telemetry[kind].filter((one) => one.biller === biller)) {
      const group = groupOfRow(row);
      group.telemetry = add(group.telemetry, row);
    }
  const placeOf = (line: RecordLine): string => {
    const workspace = mapping.workspaceOf(line.workspace);
    return workspace !== undefined && comparable.has(workspace) ? workspace : NOT_MAPPED;
  };
  for (const line of used.billed) groupOf(line.day, placeOf(line), line.model).billed.push(line);
  for (const line of used.counted) groupOf(line.day, placeOf(line), line.model).counted.push(line);
  const saysList = used.billed.length === 0 || used.billed.some(({ list }) => list !== undefined);
  return [...groups.values()].map(({ place, group }) => cellOf(place, group, { chosen, saysList, ...mapping }));
}

interface Known extends Mapping {
  readonly chosen: ChosenSources;
  /** Does the record of what is billed say list prices? */
  readonly saysList: boolean;
}

function cellOf(place: Place, { telemetry, billed, counted }: Group, { chosen, saysList, products, ratesOf }: Known): Cell {
  const rates = ratesOf({ ...place, ...ANY })?.plain ?? NO_TOKENS;
  return {
    place,
    telemetry,
    billed: chosen.isBilled(place.day) ? billedOf(billed, { products, ratesOf, saysList }) : undefined,
    counted: chosen.isCounted(place.day) ? countedOf(counted, rates, { products, ratesOf }) : undefined,
  };
}

const ANY = { speed: '', contextWindow: '', provider: '', region: '', inferenceGeo: '' };

const usedLines = (biller: Biller, lines: readonly RecordLine[], chosen: ChosenSources) => ({
  billed: lines.filter(
    (line) => SOURCES_OF[biller].billed.includes(line.source) && line.billed !== undefined && chosen.billed(line.account, line.day) === line.source,
  ),
  counted: lines.filter(
    (line) => SOURCES_OF[biller].counted.includes(line.source) && line.tokens !== undefined && chosen.counted(line.account, line.day) === line.source,
  ),
});

/** Workspaces that every record which is used knows. */
function comparableWorkspaces(used: readonly (readonly RecordLine[])[], { workspaceOf }: Mapping): ReadonlySet<string> {
  const known = used
    .filter((lines) => lines.length > 0)
    .map((lines) => new Set(lines.map(({ workspace }) => workspaceOf(workspace)).filter((workspace) => workspace !== undefined)));
  const [first, ...others] = known;
  return new Set([...(first ?? [])].filter((workspace) => others.every((other) => other.has(workspace))));
}

function withRow(telemetry: Telemetry, { basis, isCovered, sums, tokens }: TelemetryRow): Telemetry {
  const kind = isCovered ? 'covered' : 'metered';
  const differences = new Map(telemetry.differences);
  differences.set(basis, (differences.get(basis) ?? 0n) + sums.events + sums.estimated - sums.list);
  return {
    ...telemetry,
    [kind]: plusSums(telemetry[kind], sums),
    differences,
    tokens: isCovered ? telemetry.tokens : plusTokens(telemetry.tokens, tokens),
  };
}

const withMoved = (telemetry: Telemetry, { isCovered, sums, tokens }: TelemetryRow): Telemetry =>
  isCovered ? telemetry : { ...telemetry, moved: { sums: plusSums(telemetry.moved.sums, sums), tokens: plusTokens(telemetry.moved.tokens, tokens) } };
