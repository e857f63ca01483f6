/** Does a scheduled export now. */
import { LedgerlineError } from '../core/error.ts';
import { suggest } from '../core/suggest.ts';
import { folderOf, runExport } from '../exports/scheduled/run.ts';
import { openLedgerReader } from '../storage/open.ts';
import { type LedgerOptions, settings } from './options.ts';
import { withProgress } from './progress.ts';
import { storedPrices } from './stored-prices.ts';
import type { Terminal } from './terminal.ts';

export interface ExportRunOptions extends LedgerOptions {
  /** Every file again, however old. */
  readonly all?: boolean;
}

export async function runScheduled(name: string, options: ExportRunOptions, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  const spec = config.exports.find((one) => one.name === name);
  if (spec === undefined)
    throw unknownExport(
      name,
      config.exports.map((one) => one.name),
    );
  const reader = await openLedgerReader(config);
  try {
    const context = { reader, config, prices: await storedPrices(config) };
    const running = runExport(spec, { context, now: terminal.now, isAsked: true, isWhole: options.all === true });
    const { written, kept } = await withProgress(terminal, `Exporting ${name}`, running);
    const folder = folderOf(spec, config);
    for (const file of written) terminal.out(`${folder}/${file}`);
    terminal.err(`${written.length} written, ${kept} unchanged.`);
  } finally {
    await reader.close();
  }
}

function unknownExport(name: string, known: readonly string[]): LedgerlineError {
  const nearest = suggest(name, known);
  const remedy = known.length === 0 ? 'The configuration has no section exports: see docs/exports.md.' : `There are: ${known.join(', ')}.`;
  return new LedgerlineError('not_found', `No scheduled export is called ${name.slice(0, 80)}.`, {
    hint: nearest === undefined ? remedy : `Did you mean ${nearest}? ${remedy}`,
  });
}
