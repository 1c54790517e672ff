import { parseXml, type XmlElement, type XmlNode } from '@rgrove/parse-xml';
import { MAX_FILE_LENGTH, malformed, unsupported } from './draft.ts';

/** An element: its name, attributes and child elements in order. Text, comments and instructions are left out. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
}

const MAX_DEPTH = 32;
/** `&` that begins neither one of XML's five entities nor a character reference. */
const BARE_AMPERSAND = /&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)/g;

/**
 * Parses XML. No document type is accepted, so nothing expands but XML's five entities and character references; a bare `&`,
 * common in these files, stands for itself. Throws InputError `ERR_IMPORT_INVALID` or `ERR_IMPORT_UNSUPPORTED`.
 */
export function readXml(text: string, what: string): Element {
  if (text.length > MAX_FILE_LENGTH)
    throw unsupported(`${what} is longer than ${MAX_FILE_LENGTH} characters`);
  if (/<!DOCTYPE/i.test(text))
    throw unsupported(`${what} declares a document type`, 'remove the declaration');
  let root: XmlElement | null;
  try {
    root = parseXml(text.replace(BARE_AMPERSAND, '&amp;')).root;
  } catch {
    // The parser's message is dropped, because it quotes the file, which holds a mandate. A very deep file's RangeError ends here too.
    throw malformed(`${what} is not well-formed XML`);
  }
  if (root === null) throw malformed(`${what} is empty`);
  return convert(root, what);
}

/** The elements that the importer has read. An element that is not here at the end has been left out. */
const asked = new WeakSet<Element>();

/** The only child of that name, if there is one. Throws if there are two. */
export function child(element: Element, name: string, what: string): Element | undefined {
  const found = children(element, name);
  if (found.length > 1) throw malformed(`${what} has more than one <${name}>`);
  return found[0];
}

/** All children of that name. */
export function children(element: Element, name: string): Element[] {
  const found = element.children.filter((candidate) => candidate.name === name);
  for (const one of found) asked.add(one);
  return found;
}

/** The names of the elements inside `element` that have not been read, each once. Elements inside such an element are not named. */
export function unread(element: Element): string[] {
  const names = element.children.flatMap((inner) => (asked.has(inner) ? unread(inner) : [inner.name]));
  return [...new Set(names)];
}

function convert(element: XmlElement, what: string, depth = 1): Element {
  if (depth > MAX_DEPTH) throw unsupported(`${what} is nested more than ${MAX_DEPTH} deep`);
  return {
    name: element.name,
    attributes: { ...element.attributes },
    children: element.children.filter(isElement).map((inner) => convert(inner, what, depth + 1)),
  };
}

function isElement(node: XmlNode): node is XmlElement {
  return node.type === 'element';
}
