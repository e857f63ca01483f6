/** What holds over time, cut where it changes. */
import { ALWAYS, type Span } from './facts.ts';

/** Each value with the time in which it holds, in order; `spans` begin and end wherever it may change. Undefined leaves a gap. */
export function timeline<Value>(
  spans: Iterable<Span>,
  valueAt: (timeMs: number) => Value | undefined,
): readonly (Span & { readonly value: Value })[] {
  const edges = new Set<number>();
  for (const { fromMs, toMs } of spans) for (const edge of [fromMs, toMs]) if (Number.isFinite(edge)) edges.add(edge);
  const starts = [ALWAYS.fromMs, ...[...edges].sort((one, other) => one - other)];
  const found: { fromMs: number; toMs: number; value: Value }[] = [];
  for (const [index, fromMs] of starts.entries()) {
    const value = valueAt(fromMs);
    if (value === undefined) continue;
    const toMs = starts[index + 1] ?? ALWAYS.toMs;
    const last = found.at(-1);
    if (last?.toMs === fromMs && JSON.stringify(last.value) === JSON.stringify(value)) last.toMs = toMs;
    else found.push({ fromMs, toMs, value });
  }
  return found;
}
