/** A panel's rows as a file. Fetched rather than linked, since a link cannot carry the token. */
import { askText } from './client.ts';
import { element } from './dom.ts';

export async function downloadCsv(path: string, name: string): Promise<void> {
  const { text } = await askText(path, new AbortController().signal);
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  element('a', { href: address, download: name }).click();
  // Browsers read the blob after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
