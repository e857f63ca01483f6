/**
 * Where every worker thread begins (worker-rpc.ts): a thread has neither the kept code nor the way of resolving that its process has. In plain
 * JavaScript, since what strips types takes longer to load than most of what follows, and with kept code nothing needs it.
 */
import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';

if (workerData.compileCache !== undefined) enableCompileCache(workerData.compileCache);
await import('./resolve-by-name.ts');
await import(workerData.url);
