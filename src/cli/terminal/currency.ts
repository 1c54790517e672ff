/** Ways to write a currency: in English as Americans write it, and as the rest of the world does. */
const STYLES = [
  ['en', 'code'],
  ['en', 'symbol'],
  ['en', 'narrowSymbol'],
  ['en', 'name'],
  ['en-001', 'symbol'],
] as const;
type Style = (typeof STYLES)[number];

/** Decimal places of prices in a currency, by ISO 4217; undefined for any other unit. */
export function currencyDigits(unit: string): number | undefined {
  const code = codeOf(unit);
  return code === undefined
    ? undefined
    : format(code, ['en', 'code']).resolvedOptions().maximumFractionDigits;
}

/** Other ways to write a unit: for USD `$`, `US$` and `US dollars`. The longest first. */
export function signsOf(unit: string): string[] {
  const code = codeOf(unit);
  const signs = new Set([unit]);
  if (code !== undefined) {
    for (const style of STYLES) signs.add(signOf(code, style));
  }
  return [...signs].filter((sign) => sign !== '').sort((one, other) => other.length - one.length);
}

/** The currency whose code or sign a unit is: `USD`, `eur`, `€`. */
function codeOf(unit: string): string | undefined {
  const codes = Intl.supportedValuesOf('currency');
  const upper = unit.toUpperCase();
  if (codes.includes(upper)) return upper;
  return /^\P{L}*\p{Sc}$/u.test(unit)
    ? codes.find((code) => signOf(code, ['en', 'symbol']) === unit)
    : undefined;
}

function signOf(currency: string, style: Style): string {
  return format(currency, style)
    .formatToParts(2)
    .find(({ type }) => type === 'currency')!.value;
}

function format(currency: string, [locale, currencyDisplay]: Style): Intl.NumberFormat {
  return new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay });
}
