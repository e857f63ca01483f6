/** Answers as files. Fetched rather than linked, since a link cannot carry the token. */
import { askText } from './client.ts';
import { element } from './dom.ts';

/** All pages in one file, which the collector names. */
export async function downloadCsv(path: string): Promise<void> {
  const { signal } = new AbortController();
  const first = await askText(path, signal);
  const pieces = [first.text];
  for (let { next } = first; next !== undefined; ) {
    const page = await askText(next, signal);
    pieces.push(withoutHead(page.text));
    next = page.next;
  }
  save(first.fileName ?? 'ledgerline.csv', pieces, 'text/csv');
}

/** An answer of the API, called like the last part of its address. */
export async function downloadJson(path: string): Promise<void> {
  const { text } = await askText(path, new AbortController().signal);
  save(`${path.replace(/^.*\//, '')}.json`, [text], 'application/json');
}

function save(name: string, pieces: readonly string[], type: string): void {
  const address = URL.createObjectURL(new Blob([...pieces], { type }));
  element('a', { href: address, download: name }).click();
  // Browsers read the blob after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const withoutHead = (csv: string): string => csv.slice(csv.indexOf('\r\n') + 2);
