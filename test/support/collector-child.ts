/** Entry point of spawnCollector: DATA and a JSON configuration as arguments, its ports as one line of JSON on stdout. */
import { startCollector } from '../../collector/app/collector.ts';
import { ALERT_THREAD, READ_THREAD } from '../../collector/app/workers.ts';
import { configSchema } from '../../collector/config/config.ts';
import { stderrLog } from './log.ts';

/** A thread can only be ended from within its process: as an error that nobody thought of does, SIGUSR2 ends that of the alerts, SIGWINCH the reader. */
process.on('worker', (worker) => {
  if (worker.threadName === ALERT_THREAD) process.once('SIGUSR2', () => void worker.terminate());
  if (worker.threadName === READ_THREAD) process.once('SIGWINCH', () => void worker.terminate());
});

const [data, json = '{}'] = process.argv.slice(2);
const given = JSON.parse(json) as { server?: object };
const ports = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
// What was captured stays as old as it was, and would be set aside one day.
const ingest_window = { back_days: 36_500 };
const config = configSchema.parse({ ingest_window, ...given, data, server: { ...ports, ...given.server } });
const collector = await startCollector(config, stderrLog());
process.on('SIGTERM', async () => {
  await collector.stop();
  process.exit(0);
});
process.stdout.write(`${JSON.stringify(collector.ports)}\n`);
