/** ledgerline __complete: what completion scripts ask for while somebody types. It says nothing where it knows nothing. */
import { Command } from 'commander';
import { dimensionOf } from '../../catalog/dimension-aliases.ts';
import { SPEND } from '../../query/spend.ts';
import type { SourceOptions } from '../options.ts';
import { openSource } from '../source.ts';
import { printable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** Enough to choose from; the largest come first. */
const VALUES_MAX = 200;
const PERIOD = 'last-90d';

export const completeCommand = (terminal: Terminal): Command =>
  new Command('__complete')
    .description('values of a filter that begins so')
    .argument('<filter>', 'dimension:value as far as it is typed')
    .argument('[words...]', 'the words of the command, for its ledger')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (filter: string, words: readonly string[]) => {
      for (const value of await valuesLike(filter, words, terminal).catch(() => [])) terminal.out(value);
    });

async function valuesLike(filter: string, words: readonly string[], terminal: Terminal): Promise<string[]> {
  const colon = filter.indexOf(':');
  const dimension = dimensionOf(filter.slice(0, Math.max(0, colon)));
  if (dimension === undefined) return [];
  const begun = filter.slice(colon + 1).toLowerCase();
  const source = await openSource(sourceOptions(words), { ...terminal, err: () => undefined });
  try {
    const { rows } = await source.ask(SPEND, new URLSearchParams({ by: dimension, period: PERIOD }));
    const names = rows.map((row) => String(row[dimension] ?? '')).filter((name) => name.toLowerCase().startsWith(begun) && printable(name) === name);
    return names.slice(0, VALUES_MAX).map((name) => `${filter.slice(0, colon + 1)}${name}`);
  } finally {
    await source.close();
  }
}

/** The options that say which ledger is meant, as far as they are typed. */
function sourceOptions(words: readonly string[]): SourceOptions {
  const given = (flag: string): string | undefined => {
    const index = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
    const word = words[index];
    return word === flag ? words[index + 1] : word?.slice(flag.length + 1);
  };
  const [config, data, url, tokenFile] = ['--config', '--data', '--url', '--token-file'].map(given);
  return {
    ...(config !== undefined && { config }),
    ...(data !== undefined && { data }),
    ...(url !== undefined && { url }),
    ...(tokenFile !== undefined && { tokenFile }),
    demo: words.includes('--demo'),
  };
}
