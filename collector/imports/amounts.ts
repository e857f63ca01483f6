/** Amounts of lines as providers write them, exactly: in dollars, or as Anthropic does in cents with fractions. */
import { PICO_PER_USD, type PicoUsd, parseUsd } from '../core/money.ts';
import { LINE_USD_MAX } from './statement-line.ts';

/** What stands before an exponent is read as an amount afterwards. */
const SCIENTIFIC = /^([^eE]+)(?:[eE]([+-]?\d{1,3}))?$/;

/** "123.456789" cents are 1.23456789 USD. Half up at the twelfth decimal of a dollar. Undefined for what is no amount of a line. */
export function parseCents(cents: string | number): PicoUsd | undefined {
  const [, digits = '', exponent = '0'] = SCIENTIFIC.exec(String(cents).trim()) ?? [];
  return withinLine(parseUsd(`${digits}e${Number(exponent) - 2}`));
}

/** "1.25e-5" dollars. Undefined for what is no amount of a line. */
export const parseDollars = (dollars: string | number): PicoUsd | undefined => withinLine(parseUsd(String(dollars).trim()));

function withinLine(amount: PicoUsd | undefined): PicoUsd | undefined {
  const most = LINE_USD_MAX * PICO_PER_USD;
  return amount !== undefined && amount <= most && amount >= -most ? amount : undefined;
}
