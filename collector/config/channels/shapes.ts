/** Shapes that several channels share. */
import { z } from 'zod';
import { hasPassword, SLUG, SLUG_MESSAGE } from '../shapes.ts';

export const slug = z.string().regex(SLUG, SLUG_MESSAGE);
export const channelName = slug.describe('Name that routes and digests refer to.');

export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
  .refine((url) => !hasPassword(url), 'must be an address without a user name and a password; put an address that is a secret in a file');

/** A frequent slip, whose message must not show what it found. */
export const secretFile = z
  .string()
  .min(1)
  .refine((name) => !/^[a-z]+:\/\//i.test(name), 'must be the name of a file that holds the secret, not the secret itself; put it in a file');

export const addressFile = secretFile.describe('File with the address, which is a secret.');
