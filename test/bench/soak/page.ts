/** Its section of docs/benchmarks.md, which `npm run bench -- --write` keeps. */
const HEADING = '## Soak\n';
/** What follows it when it is new. */
const NEXT = '## Forecast accuracy\n';

/** From its heading to the next; '' where there is none. */
export function soakOf(page: string): string {
  const start = page.indexOf(HEADING);
  if (start === -1) return '';
  const end = page.indexOf('\n## ', start + HEADING.length);
  return end === -1 ? page.slice(start) : page.slice(start, end + 1);
}

export function withSoak(page: string, text: string): string {
  const section = `${HEADING}\n${text}\n\n`;
  const old = soakOf(page);
  if (old !== '') return page.replace(old, () => section);
  if (!page.includes(NEXT)) throw new Error(`docs/benchmarks.md has no ${NEXT.trim()}, before which the soak belongs.`);
  return page.replace(NEXT, () => section + NEXT);
}
