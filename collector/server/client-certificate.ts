/** The certificate that a client proved in the TLS handshake: its subject, and what an entry of auth.certificates says about it. */
import type { TLSSocket } from 'node:tls';
import { LedgerlineError } from '../core/error.ts';

/** Plain data, to be handed to another thread. */
export interface ClientCertificate {
  /** Attributes of the subject by their short name: CN, O, OU. A list where one is given several times. */
  readonly subject: Readonly<Record<string, string | readonly string[]>>;
}

/** Undefined when the client showed none, or none that the CA signed. */
export function certificateOf(socket: TLSSocket): ClientCertificate | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  // Node gives an empty object for a client without a certificate, whatever its type says.
  return subject === undefined ? undefined : { subject: { ...subject } as ClientCertificate['subject'] };
}

const SHOWN_MAX = 200;

/** "CN=collector-1,O=Example" */
export const describeSubject = ({ subject }: ClientCertificate): string =>
  Object.entries(subject)
    .flatMap(([name, values]) => [values].flat().map((value) => `${name}=${value.replaceAll(/[\\,]/g, '\\$&')}`))
    .join(',')
    .slice(0, SHOWN_MAX);

/** An entry's subject as the attributes that a certificate must have. Throws `invalid`. */
export function wantedSubject(text: string, key: string): readonly (readonly [name: string, value: string])[] {
  if (!text.includes('=')) return [['CN', text]];
  return [...text.matchAll(/(?:\\.|[^,\\])+/g)].map(([part]) => {
    const [, name, value] = /^\s*([A-Za-z][\w.-]*)\s*=\s*(.*?)\s*$/s.exec(part) ?? [];
    if (name !== undefined && value !== undefined && value !== '') return [name, value.replaceAll(/\\(.)/gs, '$1')] as const;
    throw new LedgerlineError('invalid', `${key}: "${text}" is not the subject of a certificate.`, {
      hint: 'Write a common name, or attributes such as "CN=collector-1,O=Example"; put \\ before a comma within a value.',
    });
  });
}

/** An attribute that the certificate has several times is none: it would stand for several clients. */
export const hasSubject = ({ subject }: ClientCertificate, wanted: ReturnType<typeof wantedSubject>): boolean =>
  wanted.every(([name, value]) => Object.hasOwn(subject, name) && subject[name] === value);
