/** Reads what a bench was given: where that makes no sense, it ends with a sentence before anything is measured. */
export function stopWith(text: string, code: number): never {
  console.log(text);
  process.exit(code);
}

export function aboveZero(flag: string, text: string): number {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : stopWith(`${flag} is "${text}", expected a number above 0.`, 2);
}

export function wholeAboveZero(flag: string, text: string): number {
  const value = Number(text);
  return value > 0 && Number.isSafeInteger(value) ? value : stopWith(`${flag} is "${text}", expected a whole number above 0.`, 2);
}
