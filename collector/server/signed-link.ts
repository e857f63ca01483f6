/** Parts of addresses that only this collector can make, and anybody can read: HMAC-SHA256 under a key of its own. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const MAC_BYTES = 32;

/** `purpose`: what is signed for one is nothing for another. `bytes`: of the signature, of 32. */
export function signLink(key: Uint8Array, purpose: string, data: object, bytes = MAC_BYTES): string {
  const text = Buffer.from(JSON.stringify(data)).toString('base64url');
  return `${text}.${mac(key, purpose, text, bytes).toString('base64url')}`;
}

/** What was signed; undefined for anything else. */
export function readLink(key: Uint8Array, purpose: string, link: string, bytes = MAC_BYTES): unknown {
  const [text = '', signature = '', ...more] = link.split('.');
  const given = Buffer.from(signature, 'base64url');
  const right = mac(key, purpose, text, bytes);
  if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

const mac = (key: Uint8Array, purpose: string, text: string, bytes: number): Buffer =>
  createHmac('sha256', key).update(`${purpose}\0${text}`).digest().subarray(0, bytes);
