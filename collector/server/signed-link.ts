/** Parts of addresses that only this collector can make, and anybody can read: HMAC-SHA256 under a key of its own. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** `purpose`: what is signed for one is nothing for another. */
export function signLink(key: Uint8Array, purpose: string, data: object): string {
  const text = Buffer.from(JSON.stringify(data)).toString('base64url');
  return `${text}.${mac(key, purpose, text).toString('base64url')}`;
}

/** What was signed; undefined for anything else. */
export function readLink(key: Uint8Array, purpose: string, link: string): unknown {
  const [text = '', signature = '', ...more] = link.split('.');
  const given = Buffer.from(signature, 'base64url');
  const right = mac(key, purpose, text);
  if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

const mac = (key: Uint8Array, purpose: string, text: string): Buffer => createHmac('sha256', key).update(`${purpose}\0${text}`).digest();
