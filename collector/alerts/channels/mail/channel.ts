/** A message as a mail, in plain text and HTML, by SMTP. */
import { Socket } from 'node:net';
import type { MailConfig } from '../../../config/channels/mail.ts';
import { oneLine } from '../../../core/visible.ts';
import { type Channel, type Delivery, DeliveryFailure } from '../../outbox.ts';
import { codeOf, connectionReason, messageOf, sentences } from '../connection-errors.ts';
import { cut, tidy } from '../sanitize.ts';
import { readSecret, withoutSecrets } from '../secret.ts';
import { renderText } from '../text.ts';
import { renderHtml } from './html.ts';

const CONNECT_MS = 10_000;
const SOCKET_MS = 20_000;
/** For the whole of a message, however the server's answers drip. */
const MESSAGE_MS = 60_000;
/** Of one answer. Servers that greet and refuse at length need a few hundred bytes. */
const ANSWER_BYTES_MAX = 8_192;
const WORDS_MAX = 200;

export const mailChannel = (config: MailConfig, messageMs = MESSAGE_MS): Channel => ({
  async deliver(delivery) {
    const { name, smtp_host: host, smtp_tls: tls = 'starttls', username, password_file, from, to } = config;
    const pass = password_file === undefined ? '' : readSecret(password_file, `alerts.channels: ${name}: password_file`);
    // Loaded with the first mail: few collectors send any.
    const { createTransport } = await import('nodemailer');
    // Our own, so that nothing of it is left whatever the server goes on sending.
    const socket = new Socket().on('error', () => undefined);
    const transport = createTransport({
      ...{ host, socket, maxResponseSize: ANSWER_BYTES_MAX },
      port: config.smtp_port ?? (tls === 'implicit' ? 465 : 587),
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      ...(username !== undefined && { auth: { user: username, pass } }),
      ...{ connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: SOCKET_MS },
      // Names come from telemetry: nothing in a message may make nodemailer read a file or an address.
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    try {
      const signal = AbortSignal.timeout(messageMs);
      const sent = await transport.sendMail({ from, to: [...(delivery.to ?? to)], ...mailOf(delivery, from), signal });
      if (sent.rejected.length > 0) throw partlyRejected(sent, username, pass);
    } catch (error) {
      if (error instanceof DeliveryFailure) throw error;
      if (codeOf(error) === 'EABORT') throw new DeliveryFailure(`The mail server did not take it within ${messageMs / 1000} s.`);
      throw failureOf(error, username, pass);
    } finally {
      transport.close();
      socket.destroy();
    }
  },
});

/** The Message-ID is that of the delivery, so that a repetition after a crash is recognized; what is resolved joins the thread. */
export function mailOf({ id, message, subject, kind }: Delivery, from: string) {
  const domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'ledgerline.invalid';
  return {
    messageId: `<${id}@${domain}>`,
    subject: subjectOf(message.mood, tidy(message).title),
    text: renderText(message),
    html: renderHtml(message),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Ledgerline-Subject': encodeURIComponent(subject).slice(0, 200), 'X-Ledgerline-Kind': kind },
  };
}

/** `title` is one line, whatever is in a name: a line of its own would be a header of its own. */
function subjectOf(mood: string, title: string): string {
  return mood === 'critical' || mood === 'warning' ? `[${mood}] ${title}` : title;
}

/** What nodemailer takes for a success, since one recipient was accepted. Its types leave out why the others were not. */
function partlyRejected(sent: { readonly rejected: readonly unknown[] }, username: string | undefined, pass: string): DeliveryFailure {
  const { rejectedErrors } = sent as { rejectedErrors?: readonly unknown[] };
  const missed = sent.rejected.map(String);
  const { message } = failureOf(rejectedErrors?.[0], username, pass);
  return new DeliveryFailure(`All recipients got it but ${cut(missed.join(', '), WORDS_MAX)}. ${message}`, { missed });
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A refused message (5yz, see RFC 5321) is refused again; a refused login can be mended. */
function failureOf(error: unknown, username = '', pass = ''): DeliveryFailure {
  const { responseCode, response } = error as { responseCode?: unknown; response?: unknown };
  const secrets = [pass, base64(pass), base64(`\0${username}\0${pass}`)];
  const words = (text: string): string => cut(withoutSecrets(oneLine(text).replaceAll(/\s+/g, ' ').trim(), secrets), WORDS_MAX);
  if (typeof response !== 'string' || typeof responseCode !== 'number') {
    return new DeliveryFailure(`The mail server could not be reached: ${connectionReason(error) ?? words(messageOf(error))}`);
  }
  const isLogin = codeOf(error) === 'EAUTH';
  const isTls = codeOf(error) === 'ETLS';
  const remedy = isLogin ? 'Check username and password_file.' : isTls ? 'It offers no STARTTLS: check smtp_port, or set smtp_tls.' : '';
  return new DeliveryFailure(sentences(`The mail server rejected it: ${words(response)}`, remedy), {
    isFinal: responseCode >= 500 && !isLogin && !isTls,
  });
}
