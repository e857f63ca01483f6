/** Mail by SMTP. */
import { z } from 'zod';
import { channelName, secretFile } from './shapes.ts';

export const mailSchema = z
  .strictObject({
    name: channelName,
    type: z.literal('email'),
    smtp_host: z.string().min(1).describe('Mail server.'),
    smtp_port: z.number().int().min(1).max(65535).optional().describe('Default 587, or 465 with smtp_tls: implicit.'),
    smtp_tls: z.enum(['starttls', 'implicit', 'none']).optional().describe('Default starttls; use none only on a trusted network.'),
    username: z.string().min(1).optional().describe('User name at the mail server.'),
    password_file: secretFile.optional().describe('File with the password at the mail server.'),
    from: z.string().min(3).describe('Sender, such as "Ledgerline <ledgerline@example.com>".'),
    to: z.array(z.email()).min(1).describe('Recipients.'),
  })
  .refine(
    ({ username, password_file }) => (username === undefined) === (password_file === undefined),
    'username and password_file go together; add the other, or leave out both',
  );

export type MailConfig = z.output<typeof mailSchema>;
