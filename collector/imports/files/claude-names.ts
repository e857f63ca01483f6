/** Models as bills spell them: "Claude Sonnet 4.5 (Amazon Bedrock Edition)", "Claude4.6Sonnet", "Claude 3.5 Sonnet v2", "anthropic.claude-opus-5". */

const FAMILIES = 'opus|sonnet|haiku|fable|mythos';
const ID = new RegExp(`claude-(?:[\\d.-]+-)?(?:${FAMILIES})(?:-\\d[\\d.-]*)?`, 'i');
const FAMILY_FIRST = new RegExp(`claude[\\s_]*(${FAMILIES})[\\s_]*(\\d+(?:\\.\\d+)?)`, 'i');
const VERSION_FIRST = new RegExp(`claude[\\s_]*(\\d+(?:\\.\\d+)?)[\\s_]*(${FAMILIES})`, 'i');

/** The id that Claude's own API would have, of the first text that names one. */
export function claudeId(texts: readonly (string | undefined)[]): string | undefined {
  for (const text of texts) {
    const id = text === undefined ? undefined : idIn(text);
    if (id !== undefined) return id;
  }
  return undefined;
}

function idIn(text: string): string | undefined {
  const id = ID.exec(text)?.[0].replace(/[-.]+$/, '');
  if (id !== undefined) return id.toLowerCase();
  const [, family, version] = FAMILY_FIRST.exec(text) ?? [];
  if (family !== undefined && version !== undefined) return named(family, version);
  const [, early, name] = VERSION_FIRST.exec(text) ?? [];
  return early === undefined || name === undefined ? undefined : named(name, early);
}

/** Up to 3.7 the version stands before the family. */
function named(family: string, version: string): string {
  const [name, number] = [family.toLowerCase(), version.replace('.', '-')];
  return Number(version) < 4 ? `claude-${number}-${name}` : `claude-${name}-${number}`;
}
