import { InvalidArgumentError } from 'commander';

/** For commander: a whole number from `from` to `to`. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`Give a whole number from ${from} to ${to}.`);
  };
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** For commander: bytes, written like `65536`, `500MiB` or `5GiB`. */
export function bytes(text: string): number {
  const [, digits, unit = ''] = /^(\d+) ?([KMGT]iB)?$/.exec(text) ?? [];
  const number = Number(digits) * (UNITS[unit] ?? 1);
  if (digits !== undefined && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('Give a number of bytes, such as 65536, 500MiB or 5GiB.');
}
