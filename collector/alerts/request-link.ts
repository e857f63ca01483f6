/**
 * Signed links to a request for more budget: whoever has one may give this answer to this request until it expires, and the audit has the channel
 * that the link was sent to.
 */
import { z } from 'zod';
import { ROUTES } from '../catalog/names.ts';
import { readLink, signLink } from '../server/signed-link.ts';

const PURPOSE = 'budget request';

const linkSchema = z.strictObject({
  request: z.number().int().positive(),
  answer: z.enum(['approve', 'deny']),
  channel: z.string(),
  /** Epoch milliseconds. */
  untilMs: z.number(),
});
export type RequestLink = z.infer<typeof linkSchema>;

export const requestUrl = (link: RequestLink, key: Uint8Array, publicUrl: string): string =>
  `${publicUrl}${ROUTES.requestPages}/${signLink(key, PURPOSE, link)}`;

/** Undefined for what this collector has not signed. It may have expired. */
export function readRequestLink(text: string, key: Uint8Array): RequestLink | undefined {
  const parsed = linkSchema.safeParse(readLink(key, PURPOSE, text));
  return parsed.success ? parsed.data : undefined;
}

/** In the audit. */
export const whoOfLink = ({ channel }: Pick<RequestLink, 'channel'>): string => `link:${channel}`;
