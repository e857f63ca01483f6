/**
 * A block is what is read under one set of labels, with the series that it makes. Blocks are bounded: beyond its limit the smallest
 * label sets of a block are grouped into one, so that sums stay exact.
 */
import { type Family, headerText } from './families.ts';
import { addRow, type LabeledRows } from './label-rows.ts';

export interface RowSeries {
  readonly family: Family;
  /** Fixed labels as text, beside those of the row; '' for none. */
  readonly labels: string;
  /** Position of the measure among the row's values. */
  readonly index: number;
  /** Exposed value = measure / divisor. */
  readonly divisor: number;
  /** The sample is shown where this value is not zero; undefined: always. Most label sets never have an error or a commit. */
  readonly shownWith: number | undefined;
}

export interface Source {
  readonly rows: LabeledRows;
  readonly series: readonly RowSeries[];
}

export interface Block {
  /** Labels of the row that the smallest are grouped into. */
  readonly other: string;
  /** The first value of the first source that has a row decides whether it is large. */
  readonly sources: readonly Source[];
}

/** About as much as a socket takes at once, and less than a millisecond's work. */
const CHUNK_CHARACTERS = 64 * 1024;

const isShown = ({ shownWith }: RowSeries, values: readonly bigint[]): boolean => shownWith === undefined || (values[shownWith] ?? 0n) !== 0n;

/** How many series each label set makes. */
function sizesOf({ sources }: Block): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { rows, series } of sources) {
    for (const [labels, values] of rows) {
      let size = sizes.get(labels) ?? 0;
      for (const one of series) if (isShown(one, values)) size++;
      sizes.set(labels, size);
    }
  }
  return sizes;
}

export interface Bounded {
  readonly blocks: readonly Block[];
  /** At most as many as were allowed. */
  readonly series: number;
  /** Series that are shown under "(other)" only. */
  readonly grouped: number;
}

/** Small blocks are kept whole; the large ones share what is left, each as much as the others. */
export function bound(blocks: readonly Block[], seriesMax: number): Bounded {
  const sized = blocks.map((block) => {
    const sizes = sizesOf(block);
    return { block, sizes, size: sizes.values().reduce((sum, size) => sum + size, 0) };
  });
  const bounded = new Map<Block, Block>();
  let left = seriesMax;
  let grouped = 0;
  for (const [index, { block, sizes, size }] of sized.toSorted((a, b) => a.size - b.size).entries()) {
    const share = Math.floor(left / (sized.length - index));
    if (size > share) {
      const result = groupBlock(block, sizes, share);
      bounded.set(block, result.block);
      grouped += result.grouped;
    }
    left -= Math.min(size, share);
  }
  return { blocks: blocks.map((block) => bounded.get(block) ?? block), series: seriesMax - left, grouped };
}

function groupBlock(block: Block, sizes: ReadonlyMap<string, number>, seriesMax: number): { block: Block; grouped: number } {
  const kept = new Set<string>();
  let grouped = 0;
  let left = seriesMax - sizeOfOther(block);
  for (const labels of byAmount(block, sizes)) {
    const size = sizes.get(labels) ?? 0;
    left -= size;
    if (left >= 0) kept.add(labels);
    else grouped += size;
  }
  const sources = block.sources.map(({ rows, series }) => {
    const fewer = new Map<string, readonly bigint[]>();
    for (const [labels, values] of rows) addRow(fewer, kept.has(labels) ? labels : block.other, values);
    return { rows: fewer, series };
  });
  return { block: { ...block, sources }, grouped };
}

/** The row of what is grouped has at most every series once. */
const sizeOfOther = ({ sources }: Block): number => sources.reduce((sum, { series }) => sum + series.length, 0);

/** Label sets from the largest first amount to the smallest; equal amounts in the order of their labels, so that the cut is the same on every scrape. */
function byAmount({ sources }: Block, sizes: ReadonlyMap<string, number>): string[] {
  const amounts = new Map<string, bigint>();
  for (const { rows } of sources) for (const [labels, values] of rows) amounts.getOrInsertComputed(labels, () => values[0] ?? 0n);
  const amount = (labels: string): bigint => amounts.get(labels) ?? 0n;
  return [...sizes.keys()].sort((a, b) => {
    const difference = amount(b) - amount(a);
    if (difference !== 0n) return difference > 0n ? 1 : -1;
    return a < b ? -1 : 1;
  });
}

/** Family by family, in chunks; nothing at all for a family without samples. */
export function* blockText({ sources }: Block): Iterable<string> {
  const all = sources.flatMap(({ rows, series }) => series.map((one) => ({ ...one, rows })));
  for (const members of Map.groupBy(all, ({ family }) => family.name).values()) yield* familyText(members);
}

function* familyText(members: readonly (RowSeries & { readonly rows: LabeledRows })[]): Iterable<string> {
  const family = members[0]?.family;
  if (family === undefined) return;
  let text = headerText(family);
  let samples = 0;
  for (const member of members) {
    const { rows, labels, index, divisor } = member;
    const before = `${family.name}{`;
    const after = labels === '' ? '} ' : `,${labels}} `;
    for (const [rowLabels, values] of rows) {
      if (!isShown(member, values)) continue;
      samples++;
      text += `${before}${rowLabels}${after}${Number(values[index] ?? 0n) / divisor}\n`;
      if (text.length < CHUNK_CHARACTERS) continue;
      yield text;
      text = '';
    }
  }
  if (samples > 0) yield text;
}
