/** Only letters, digits and a few marks are allowed, so that it can be shown as it is. */
const ADDRESS = /^https:\/\/[A-Za-z0-9.-]{1,253}(?::(\d{1,5}))?(?:\/[\w.~-]{1,60}){0,8}$/;

/** Whether a text is an address as documents have one: an `https:` URL of at most 200 characters, without a slash at its end. */
export function isAddress(text: string): boolean {
  const match = ADDRESS.exec(text);
  return match !== null && Number(match[1] ?? 443) <= 65_535 && text.length <= 200;
}
