import { corrupt, type Position, START, type Store, type StoredRecord } from './store.ts';

/** Milliseconds between two tries for a hold. */
const PAUSE = 5;

/** A store that lasts as long as the program, for tests and for parties that keep their ledger elsewhere. */
export function memoryStore(): Store {
  const logs = new Map<string, StoredRecord[]>();
  const held = new Set<string>();
  const recordsOf = (log: string): readonly StoredRecord[] => logs.get(log) ?? [];
  const lengthAt = (position: Position): number => (position === START ? 0 : Number(position));
  return {
    list: async () => [...logs.keys()],
    read: async (log, after) => {
      const records = recordsOf(log);
      const continued = lengthAt(after) <= records.length;
      return { continued, records: records.slice(continued ? lengthAt(after) : 0) };
    },
    pick: async (log, positions) =>
      positions.map((position) => {
        const record = recordsOf(log)[lengthAt(position) - 1];
        if (record === undefined) throw corrupt();
        return record.text;
      }),
    append: async (log, text, after) => {
      const records = logs.get(log) ?? [];
      if (records.length !== lengthAt(after)) return undefined;
      const position = String(records.length + 1);
      records.push({ text, position });
      logs.set(log, records);
      return position;
    },
    hold: async (name, patience) => {
      const deadline = Date.now() + patience;
      while (held.has(name)) {
        if (Date.now() >= deadline) return undefined;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
      held.add(name);
      let mine = true;
      return {
        release: async () => {
          if (mine) held.delete(name);
          mine = false;
        },
      };
    },
  };
}
