// Runs in a process of its own: other test files register messages that are theirs.
import { expect, test } from 'vitest';
import { makers } from '../../scripts/vectors/makers.ts';
import { tags } from '../../src/crypto/tags.ts';
import { WIRE_VERSION } from '../../src/link/handshake.ts';
import { messageTypes } from '../../src/link/message.ts';
import '../../src/index.ts';
import { pages } from './pages.ts';

const { text } = pages.find(({ path }) => path === 'docs/wire.md')!;

/** The cells of a table's rows, by the heading of its section. */
function rowsOf(heading: string): string[][] {
  const section = text.slice(text.indexOf(`\n${heading}\n`)).split(/\n##/, 2)[1]!;
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(2).map((line) => line.slice(2, -2).split(' | '));
}

/** The names of fields in a cell, and their lengths where these are numbers. */
function fieldsIn(cell: string): [string, number | undefined][] {
  return cell.split(', ').map((field) => {
    const [name, length] = field.split(': ');
    return [name!, /^\d+$/.test(length ?? '') ? Number(length) : undefined];
  });
}

test('the page is about this version', () => {
  expect(text).toContain(`**wire version ${WIRE_VERSION}**`);
});

test('the page has every tag', () => {
  const rows = rowsOf('### Tags').map(([name, rest]) => [name!.replaceAll('`', ''), `parley/1 ${rest}`]);
  expect(Object.fromEntries(rows)).toEqual(tags);
});

test('the page has every type of message, with its fields and all lengths that are fixed', () => {
  const rows = rowsOf('### Table of message types');
  const listed = rows.map(([id, name]) => ({ id: Number(id), name }));
  expect(listed).toEqual(messageTypes().map(({ id, name }) => ({ id, name })));
  for (const [index, { name, lengths }] of messageTypes().entries()) {
    if (name === 'mandate certificate') continue; // has the lengths that another message says
    const fixed = fixedLengths(lengths);
    const fields = fieldsIn(rows[index]![2]!);
    expect(
      fields.map(([field]) => field),
      name,
    ).toEqual(Object.keys(fixed));
    for (const [field, length] of fields) expect(length, `${name}.${field}`).toBe(fixed[field]);
  }
});

/** The lengths of a message's fields; undefined for those that depend on its shape. A shape is a number, or has numbers in its members; trees have 2⁴ leaves. */
function fixedLengths(lengths: (shape: never) => object): Record<string, number | undefined> {
  const withMembers = (number: number) =>
    new Proxy({}, { get: (_, member) => (member === 'depth' ? 4 : number) });
  const tried = [512, 1_024].flatMap((number) =>
    [number, withMembers(number)].flatMap((shape) => {
      try {
        return [{ ...lengths(shape as never) } as Record<string, number>];
      } catch {
        return []; // a shape of another form
      }
    }),
  );
  const [first] = tried;
  return Object.fromEntries(
    Object.entries(first!).map(([field, length]) => [
      field,
      tried.every((one) => one[field] === length) ? length : undefined,
    ]),
  );
}

test('the page says what is in each file of vectors', () => {
  const rows = ['## Vectors', '### Vectors of the computation'].flatMap(rowsOf);
  const files = rows.filter(([name]) => /^`(?!about|wire)/.test(name!));
  const named = files.map(([name, about]) => [name!.replaceAll('`', ''), about]);
  expect(Object.fromEntries(named)).toEqual(
    Object.fromEntries(Object.entries(makers).map(([name, { about }]) => [name, about])),
  );
});
