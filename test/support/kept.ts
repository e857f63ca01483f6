/** What a collector keeps and shows, searched for what must not be there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files below a folder whose bytes match; a database and its log are searched as they lie on the disk. */
export function filesWith(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && pattern.test(readFileSync(join(file.parentPath, file.name), 'latin1')))
    .map(({ name }) => name);
}

/** Addresses of a REST port at which people may be named. */
const ANSWERS = ['/api/v1/status', '/api/v1/sessions', '/api/v1/budgets', '/api/v1/alerts', '/api/v1/catalogue'];

export interface Answer {
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

/** Every answer that may name people: by each of these dimensions, of each board, and those above. */
export async function answersOf(url: string, dimensions: readonly string[]): Promise<Answer[]> {
  const answer = async (path: string): Promise<Answer> => {
    const response = await fetch(`${url}${path}`);
    return { path, status: response.status, text: await response.text() };
  };
  const by = dimensions.flatMap((name) => [`/api/v1/spend?by=${name}`, `/api/v1/spend?by=${name}&format=csv`]);
  const answers: Answer[] = [];
  for (const path of [...ANSWERS, ...by]) answers.push(await answer(path));
  return answers;
}
