/**
 * One end of a typed connection between two threads. Requests go by name and get a promise; posts have no answer and cost nothing beyond
 * their message. Both ends are this file, so what arrives is what the other end's types say.
 */
import { LedgerlineError } from './error.ts';
import { errorOf, type Failure, failureOf } from './failure.ts';

/** The part of a MessagePort or Worker that is used. */
export interface Port {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/** For a thread that answers no requests. */
export type NoMethods = Record<never, never>;

type Arguments<Methods, Name extends keyof Methods> = Methods[Name] extends (...args: infer Args) => unknown ? Args : never;
type Answer<Methods, Name extends keyof Methods> = Methods[Name] extends (...args: never[]) => infer Result ? Awaited<Result> : never;

/** Asks the other thread. Rejects with the LedgerlineError that it threw, or with the reason for which it ended. */
export type Request<Methods> = <Name extends keyof Methods & string>(name: Name, ...args: Arguments<Methods, Name>) => Promise<Answer<Methods, Name>>;

/** What answers the other thread's requests. Arguments and answers are copied by the structured clone algorithm. */
export type Handlers<Methods> = {
  readonly [Name in keyof Methods]: (...args: Arguments<Methods, Name>) => Answer<Methods, Name> | Promise<Answer<Methods, Name>>;
};

export type Message =
  | { readonly kind: 'ready'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'post'; readonly message: unknown }
  | { readonly kind: 'request'; readonly id: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly kind: 'answered'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'close' }
  | { readonly kind: 'closed'; readonly failure?: Failure };

/** Messages about the life of a worker, which are not for a channel. */
export type LifeMessage = Extract<Message, { kind: 'ready' | 'failed' | 'close' | 'closed' }>;

export interface ChannelOptions {
  /** By name; looked up when a request comes. */
  readonly answers: () => object;
  readonly onPost: (message: unknown) => void;
  readonly onLife: (message: LifeMessage) => void;
}

export class RpcChannel {
  readonly #port: Port;
  readonly #options: ChannelOptions;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #nextId = 1;
  #ended: LedgerlineError | undefined;

  constructor(port: Port, options: ChannelOptions) {
    this.#port = port;
    this.#options = options;
    port.on('message', (message) => this.#receive(message as Message)); // the other end sends nothing else
  }

  send(message: Message): void {
    this.#port.postMessage(message);
  }

  request(name: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    try {
      this.send({ kind: 'request', id, name, args });
    } catch (error) {
      this.#waiting.delete(id);
      waiting.reject(LedgerlineError.from(error));
    }
    return waiting.promise;
  }

  /** The other thread is gone: whoever waits is answered, and so is whoever asks from now on. */
  end(reason: LedgerlineError): void {
    this.#ended ??= reason;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(this.#ended);
  }

  #receive(message: Message): void {
    if (message.kind === 'post') this.#options.onPost(message.message);
    else if (message.kind === 'request') void this.#answer(message.id, message.name, message.args);
    else if (message.kind === 'answered') this.#settle(message.id)?.resolve(message.value);
    else if (message.kind === 'refused') this.#settle(message.id)?.reject(errorOf(message.failure));
    else this.#options.onLife(message);
  }

  #settle(id: number): PromiseWithResolvers<unknown> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  async #answer(id: number, name: string, args: readonly unknown[]): Promise<void> {
    try {
      const handler: unknown = Reflect.get(this.#options.answers(), name);
      if (typeof handler !== 'function') throw new LedgerlineError('internal', `Nobody answers "${name}".`);
      this.send({ kind: 'answered', id, value: await handler(...args) });
    } catch (error) {
      this.send({ kind: 'refused', id, failure: failureOf(error) });
    }
  }
}
