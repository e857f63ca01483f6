/**
 * A call while its message arrives. grpc-js collects a message, decompresses it and only then shows it to anybody; a thousand unfinished
 * ones would fill the memory uncounted. So this looks at the bytes as they come, and pauses the stream where there is no room for them.
 */
import type { ServerInterceptor } from '@grpc/grpc-js';
import { LedgerlineError } from '../../../core/error.ts';
import type { Holding } from '../account.ts';
import { compact, KEPT_CHUNK_BYTES } from '../chunk.ts';
import type { Compression } from '../inflate.ts';

export type InterceptedCall = Parameters<ServerInterceptor>[1];

/** Of grpc-js' call, what its type keeps private. */
interface CallInternals {
  readonly stream: { readonly closed: boolean; readonly destroyed: boolean; pause(): unknown; resume(): unknown };
  handleDataFrame(data: Buffer): void;
  decompressMessage(framed: Buffer, encoding: string): Buffer | Promise<Buffer>;
}

/** What an HTTP/2 stream and the call on it cost before the first byte of the message. */
const CALL_BYTES = 16 * 1024;
/** Before each message: whether it is compressed, and its length. */
const FRAME_HEAD_BYTES = 5;
const COMPRESSIONS: ReadonlyMap<string, Compression> = new Map([
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['deflate', 'deflate'],
]);

export class Arrival {
  readonly holding: Holding;
  /** Of the message, once it is here: it is handed on as it was sent. */
  compression: Compression = 'identity';
  readonly #stream: CallInternals['stream'];
  readonly #onNoRoom: () => void;
  /** Bytes that are here and that the account had no room for. */
  #owed = 0;
  #room: Promise<void> | undefined;
  #isClosed = false;

  /** `onNoRoom` is called when the call has to be refused, because too many wait already. */
  constructor(call: InterceptedCall, holding: Holding, onNoRoom: () => void) {
    const internals = internalsOf(call);
    this.holding = holding;
    this.#stream = internals.stream;
    this.#onNoRoom = onNoRoom;
    this.#watch(internals);
    this.#hold(CALL_BYTES);
  }

  /** It is paused until others have been answered. */
  get isWaiting(): boolean {
    return this.#room !== undefined;
  }

  /** The sender has given the call up. */
  get isGone(): boolean {
    return this.#stream.closed || this.#stream.destroyed;
  }

  /** Gives back what it holds. What still comes is dropped by grpc-js. */
  close(): void {
    this.#isClosed = true;
    this.holding.release();
  }

  #watch(call: CallInternals): void {
    const handleDataFrame = call.handleDataFrame.bind(call);
    const decompressMessage = call.decompressMessage.bind(call);
    call.handleDataFrame = (data) => {
      this.#hold(data.length + KEPT_CHUNK_BYTES);
      handleDataFrame(compact(data));
    };
    call.decompressMessage = (framed, encoding) => {
      const compression = COMPRESSIONS.get(encoding);
      if (compression === undefined) return decompressMessage(framed, encoding);
      this.compression = compression;
      const message = framed.subarray(FRAME_HEAD_BYTES);
      return this.#room === undefined ? message : this.#room.then(() => message);
    };
  }

  #hold(bytes: number): void {
    if (this.#isClosed) return;
    if (this.#room === undefined && this.holding.add(bytes)) return;
    this.#owed += bytes;
    this.#stream.pause();
    this.#room ??= this.#waitForRoom();
  }

  async #waitForRoom(): Promise<void> {
    while (this.#owed > 0 && !this.#isClosed) {
      const bytes = this.#owed;
      this.#owed = 0;
      if (await this.holding.wait(bytes)) continue;
      // Nobody is to be let on; where it was closed meanwhile, it has its answer already.
      if (!this.#isClosed) this.#onNoRoom();
      return;
    }
    this.#room = undefined;
    this.#stream.resume();
  }
}

function internalsOf(call: InterceptedCall): CallInternals {
  // The only place where a call can be seen while its message arrives; test/ingest/otlp/arriving.test.ts fails when grpc-js hides it.
  const { stream, handleDataFrame, decompressMessage } = call as unknown as Partial<CallInternals>;
  if (stream === undefined || handleDataFrame === undefined || decompressMessage === undefined) {
    throw new LedgerlineError('internal', 'This release of @grpc/grpc-js hides how a message arrives.');
  }
  return call as unknown as CallInternals;
}
