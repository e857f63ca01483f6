/** Which messages are sent while the outbox takes its time to answer: each once. */
import { expect, test } from '@jest/globals';
import { Dispatcher } from '../../collector/alerts/dispatcher.ts';
import type { Delivery, Outbox } from '../../collector/alerts/outbox.ts';
import { linkBases } from '../../collector/catalog/alert-links.ts';
import { configSchema } from '../../collector/config/config.ts';
import { delivery } from '../storage/contract/outbox/suite.ts';

const waiting = (id: string, channel: string): Delivery => ({
  ...delivery(id, { channel }),
  ...{ status: 'waiting', attempts: 0, nextMs: 0, deliveredMs: undefined, error: undefined },
});

/** Its answers are those of the moment it was asked, and come when the test lets them. */
class SlowOutbox implements Pick<Outbox, 'due' | 'sentMs' | 'delivered'> {
  readonly #answers: (() => void)[] = [];
  waiting: readonly Delivery[];

  constructor(...given: readonly Delivery[]) {
    this.waiting = given;
  }

  due(): Promise<readonly Delivery[]> {
    const { promise, resolve } = Promise.withResolvers<readonly Delivery[]>();
    const due = this.waiting;
    this.#answers.push(() => resolve(due));
    return promise;
  }

  answer(): void {
    for (const give of this.#answers.splice(0)) give();
  }

  sentMs = async () => [];

  async delivered(id: string): Promise<void> {
    this.waiting = this.waiting.filter((one) => one.id !== id);
  }
}

function dispatcherOn(outbox: SlowOutbox) {
  const sent: string[] = [];
  const ways = new Map<string, PromiseWithResolvers<void>>();
  const deliver = async ({ id }: Delivery) => {
    sent.push(id);
    await ways.get(id)?.promise;
  };
  const { alerts } = configSchema.parse({});
  const dispatcher = new Dispatcher({
    ...{ alerts, links: linkBases(configSchema.parse({})), now: () => 1_000, random: () => 0, log: () => undefined },
    outbox: outbox as unknown as Outbox, // the part of it that a dispatch without failures needs
    channels: new Map(['a', 'b'].map((name) => [name, { deliver }])),
  });
  return { dispatcher, sent, ways };
}

test('two dispatches at once send what waits once', async () => {
  const outbox = new SlowOutbox(waiting('1', 'a'), waiting('2', 'b'));
  const { dispatcher, sent } = dispatcherOn(outbox);
  const both = [dispatcher.dispatch(), dispatcher.dispatch()];
  outbox.answer();
  await Promise.all(both);
  expect(sent).toEqual(['1', '2']);
});

test('what is sent while the outbox is read is not sent again by what was read', async () => {
  const outbox = new SlowOutbox(waiting('1', 'a'));
  const { dispatcher, sent, ways } = dispatcherOn(outbox);
  const way = Promise.withResolvers<void>();
  ways.set('1', way);
  const first = dispatcher.dispatch();
  outbox.answer();
  await new Promise(setImmediate);
  const second = dispatcher.dispatch();
  way.resolve();
  await first;
  outbox.answer();
  await second;
  expect([sent, outbox.waiting]).toEqual([['1'], []]);
});
