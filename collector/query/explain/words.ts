/** Figures as findings say them. */
import { displayUsd, type PicoUsd } from '../../core/money.ts';

export const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

/** "2.3 times". */
export const timesWords = (ratio: number): string => `${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)} times`;

/** 151634 as "152k". */
export function short(count: number): string {
  if (count < 1_000) return String(Math.round(count));
  if (count < 1_000_000) return `${(count / 1_000).toFixed(count < 10_000 ? 1 : 0)}k`;
  return `${(count / 1_000_000).toFixed(1)}m`;
}

export const usd = (amount: PicoUsd | number): string => displayUsd(typeof amount === 'bigint' ? amount : BigInt(Math.round(amount)));

export const counted = (count: number, one: string, many = `${one}s`): string => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** 5400000 as "90 min". */
export function pause(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 120) return `${Math.round(minutes)} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
