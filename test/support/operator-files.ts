/** Files of operators from texts, as they are read from disk. */

import { parseOperatorFile } from '../../collector/core/yaml-file.ts';
import { DIRECTORY_FILE, type DirectoryFile } from '../../collector/ingest/attribution/directory.ts';
import { PRICE_FILE } from '../../collector/pricing/load.ts';
import type { PriceTable } from '../../collector/pricing/price-book.ts';

export const parseDirectory = (text: string, file: string): DirectoryFile => parseOperatorFile(text, file, DIRECTORY_FILE);
export const parsePriceTable = (text: string, file: string): PriceTable => parseOperatorFile(text, file, PRICE_FILE).models;
