/** Whether a request may be taken at all, by what it says before its body: where it was sent to, and who sends it. */
import { type Authenticate, type Credentials, UnknownCertificateError } from '../../server/auth.ts';
import type { Connection } from '../../server/connections.ts';
import { assertHost, type HostPolicy } from '../../server/host-names.ts';
import type { WrongTokens } from '../../server/wrong-tokens.ts';
import { RefusedError } from './refused-error.ts';

export interface SenderAccessOptions {
  readonly authenticate: Authenticate;
  /** Must senders prove anything? */
  readonly isGuarded: () => boolean;
  readonly hosts: HostPolicy;
  readonly wrongTokens: WrongTokens;
}

export interface Approach {
  readonly authorization: string | undefined;
  /** Host, or :authority. */
  readonly host: string | undefined;
  readonly connection: Connection | undefined;
}

export interface SenderAccess {
  /** Throws LedgerlineError for a request that was sent to another host. */
  assertHost(approach: Pick<Approach, 'host'>): void;
  /** Throws LedgerlineError for a sender that is not let in. */
  admit(approach: Approach): Credentials;
  /** The error to answer with: for a wrong token it comes after a while. */
  answerTo(error: unknown, approach: Approach): Promise<unknown>;
}

export function createSenderAccess({ authenticate, isGuarded, hosts, wrongTokens }: SenderAccessOptions): SenderAccess {
  return {
    assertHost: ({ host }) => assertOtlpHost(host, hosts, isGuarded()),
    admit: ({ authorization, connection }) => {
      const credentials = authenticated(authenticate, authorization, connection);
      if (credentials.name !== undefined) connection?.prove();
      return credentials;
    },
    answerTo: (error, { authorization, connection }) => wrongTokens.answerTo(error, authorization, connection?.address ?? ''),
  };
}

function authenticated(authenticate: Authenticate, authorization: string | undefined, connection: Connection | undefined): Credentials {
  try {
    return authenticate(authorization, 'ingest', connection?.certificate);
  } catch (thrown) {
    if (!(thrown instanceof UnknownCertificateError)) throw thrown;
    throw RefusedError.because(thrown, { kind: 'certificate_unknown', detail: thrown.subject });
  }
}

function assertOtlpHost(host: string | undefined, hosts: HostPolicy, isGuarded: boolean): void {
  try {
    assertHost(host, hosts, isGuarded);
  } catch (thrown) {
    throw RefusedError.because(thrown, { kind: 'host_unknown', detail: host ?? '' });
  }
}
