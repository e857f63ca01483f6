/** schema.json beside the files of a scheduled export as FOCUS: their columns. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWholeFile } from '../../core/whole-file.ts';
import type { FocusMetadata } from '../focus/metadata.ts';

const NAME = 'schema.json';
const idSchema = z.object({ Schema: z.array(z.object({ SchemaId: z.string() })) });

/** Of what is there; undefined where that is none. */
export async function readSchemaId(folder: string): Promise<string | undefined> {
  try {
    return idSchema.parse(JSON.parse(await readFile(join(folder, NAME), 'utf8'))).Schema[0]?.SchemaId;
  } catch {
    return undefined;
  }
}

export async function writeSchema(folder: string, metadata: FocusMetadata): Promise<void> {
  await writeWholeFile(join(folder, NAME), [new TextEncoder().encode(`${JSON.stringify(metadata, null, 2)}\n`)]);
}
