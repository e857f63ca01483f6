/** Names in lines that fit a terminal, for help texts. */
const LINE = 100;

export function wrapped(names: readonly string[]): string {
  const lines = [''];
  for (const name of names) {
    const line = lines.at(-1) ?? '';
    if (line.length + name.length > LINE) lines.push(`${name}, `);
    else lines[lines.length - 1] = `${line}${name}, `;
  }
  return lines
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n')
    .replace(/,$/, '');
}
