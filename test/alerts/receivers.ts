/** Those who are told, as real servers on loopback: a web hook that can fail, and a mail server that reads what it takes. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Hook {
  readonly url: string;
  /** What was answered 200. */
  readonly received: Posted[];
  /** What was not. */
  readonly refused: Posted[];
  /** Answers of the next requests, before it takes everything again. */
  readonly answers: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string | ((posted: Posted) => string) }[];
  stop(): Promise<void>;
}

export async function startHook(port = 0): Promise<Hook> {
  const received: Posted[] = [];
  const refused: Posted[] = [];
  const answers: Hook['answers'][number][] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const posted = { path: request.url ?? '', headers: request.headers, body };
    const { status, headers = {}, body: said = 'ok' } = answers.shift() ?? { status: 200 };
    (status < 300 ? received : refused).push(posted);
    response.writeHead(status, headers).end(typeof said === 'string' ? said : said(posted));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  // listen() on a TCP port: the address is an object.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    ...{ url, received, refused, answers },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface Letter {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly messageId: string;
  readonly headers: string;
  /** Every part, decoded, one after the other. */
  readonly text: string;
}

export interface MailServer {
  readonly port: number;
  readonly received: Letter[];
  /** SMTP answers to the next messages, such as 451 or 554, before it takes everything again. */
  readonly answers: number[];
  /** SMTP answers to these recipients, as long as they are here. */
  readonly refused: Map<string, number>;
  stop(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  const received: Letter[] = [];
  const answers: number[] = [];
  const refused = new Map<string, number>();
  const refusal = (responseCode: number) => Object.assign(new Error('not now'), { responseCode });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo({ address }, _session, done) {
      const code = refused.get(address);
      done(code === undefined ? null : refusal(code));
    },
    onData(stream, session, done) {
      stream.toArray().then((chunks: Buffer[]) => {
        const code = answers.shift();
        if (code !== undefined) return done(refusal(code));
        received.push(read(Buffer.concat(chunks).toString(), session.envelope));
        done();
      }, done);
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  // listen() on a TCP port: the address is an object.
  const { port } = server.server.address() as AddressInfo;
  return { port, received, answers, refused, stop: () => new Promise((resolve) => server.close(resolve)) };
}

type Envelope = { readonly mailFrom: false | { readonly address: string }; readonly rcptTo: readonly { readonly address: string }[] };

function read(raw: string, { mailFrom, rcptTo }: Envelope): Letter {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const headers = head.replaceAll(/\r\n[ \t]+/g, ' ');
  const header = (name: string): string => new RegExp(`^${name}: (.*)$`, 'im').exec(headers)?.[1] ?? '';
  return {
    from: mailFrom === false ? '' : mailFrom.address,
    to: rcptTo.map(({ address }) => address),
    subject: words(header('Subject')),
    messageId: header('Message-ID'),
    headers,
    text: decoded(rest.join('\r\n\r\n'), raw),
  };
}

/** Encoded words of RFC 2047, as far as UTF-8 goes. */
const words = (text: string): string =>
  text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?q\?(.*?)\?=/gi, (_, inner: string) => quoted(inner.replaceAll('_', ' ')))
    .replaceAll(/=\?utf-8\?b\?(.*?)\?=/gi, (_, inner: string) => Buffer.from(inner, 'base64').toString());

/** Transfer encodings of the parts: quoted-printable throughout, or base64 part by part. */
function decoded(body: string, raw: string): string {
  if (!/content-transfer-encoding: base64/i.test(raw)) return quoted(body);
  return body.replaceAll(/(?:^|\r\n)((?:[A-Za-z0-9+/]{60,}\r\n)*[A-Za-z0-9+/]+={0,2})\r\n/g, (_, inner: string) =>
    Buffer.from(inner, 'base64').toString(),
  );
}

function quoted(text: string): string {
  const bytes = text.replaceAll(/=\r\n/g, '').replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

/** Both as channels of a configuration. */
export const hookAndMail = (hook: Hook, mail: MailServer) => [
  { name: 'hook', type: 'webhook', url: hook.url },
  { name: 'mail', type: 'email', smtp_host: '127.0.0.1', smtp_port: mail.port, smtp_tls: 'none', from: 'l@example.com', to: ['lead@example.com'] },
];
