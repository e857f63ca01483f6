/**
 * An unmodified OpenTelemetry SDK, told by its standard environment variables where and how to send: one log record, one sum, one
 * gauge, one histogram and one span. Run as a process of its own by conformance.test.ts.
 */
import { logs, metrics, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({ instrumentations: [] });
sdk.start();

const attributes = { 'session.id': 'stranger', count: 3, ratio: 0.25, flag: true, list: ['a', 'b'] };
logs.getLogger('stranger', '1.2.3').emit({ body: 'hello', eventName: 'greeting', timestamp: new Date(1763600000123), attributes });
const meter = metrics.getMeter('stranger', '1.2.3');
meter.createCounter('things', { unit: 'USD' }).add(0.125, { kind: 'sum' });
meter.createGauge('level').record(7, { kind: 'gauge' });
meter.createHistogram('spread').record(1, { kind: 'histogram' });
trace.getTracer('stranger').startSpan('work').end();

await sdk.shutdown();
