/** The YAML library, loaded when the first file is read: most commands read none, and its 72 files take longer than all else of their start. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const yaml = (): typeof import('yaml') => require('yaml');
