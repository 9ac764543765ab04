const PLAIN = /^-?\d+(\.\d+)?$/;

/** Exact sum of decimal texts; what is no number (yet) is left out. Thousands separators are read. */
export function sum(texts: string[]): string {
  const numbers = texts.map((text) => text.trim().replace(/[,，]/g, '')).filter((text) => PLAIN.test(text));
  const places = Math.max(0, ...numbers.map((text) => (text.split('.')[1] ?? '').length));
  const total = numbers.reduce((so_far, text) => so_far + scaled(text, places), 0n);
  const digits = (total < 0n ? -total : total).toString().padStart(places + 1, '0');
  const whole = places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
  return (total < 0n ? '-' : '') + whole;
}

/** Whether two decimal texts are the same number: 100 and 100.0 are. */
export function same(one: string, other: string): boolean {
  return PLAIN.test(one) && PLAIN.test(other) && scaled(one, 20) === scaled(other, 20);
}

function scaled(text: string, places: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(places, '0'));
}
