/** Holds a lease in a process of its own, so that it can be frozen and killed. Each line it reads it answers with what confirm() says. */
import { createInterface } from 'node:readline';
import { openLeases } from '../../../collector/storage/postgres/leases.ts';
import { leaseDatabase } from './lease-database.ts';

const [url = '', name = '', leaseMs = ''] = process.argv.slice(2);
const lease = await openLeases({ database: leaseDatabase(url), owner: `process ${process.pid}`, leaseMs: Number(leaseMs) }).acquire(name);
console.log(lease === undefined ? 'refused' : `held ${lease.fence}`);
for await (const _ of createInterface(process.stdin)) {
  const isHeld = await lease?.confirm().then(
    () => true,
    () => false,
  );
  console.log(isHeld === true ? 'held' : 'lost');
}
