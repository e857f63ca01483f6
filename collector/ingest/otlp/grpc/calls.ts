/** Which connections have a call under way: those are not closed to make room for others. */
import { ServerInterceptingCall, type ServerInterceptor, ServerListenerBuilder } from '@grpc/grpc-js';
import { type Connection, endsOf } from '../../../server/connections.ts';

type FindConnection = (ends: string) => Connection | undefined;

export const countCalls =
  (find: FindConnection): ServerInterceptor =>
  (_method, call) => {
    const connection = find(endsOf(call.getConnectionInfo()));
    let isCounted = false;
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        isCounted = true;
        connection?.begin();
        next(metadata);
      })
      // grpc-js calls it once at the end of every call, however it ended; also of one that was refused before it came here.
      .withOnCancel(() => {
        if (isCounted) connection?.end();
      })
      .build();
    return new ServerInterceptingCall(call, { start: (next) => next(listener) });
  };
