import { concatBytes } from '../../src/crypto/bytes.ts';
import { messageHeader } from '../../src/link/header.ts';
import { type RecordKind, RecordSealer, recordKey, recordKind } from '../../src/link/records.ts';
import { hex, type Maker, seeded } from './shape.ts';

/** The first messages of a session, as to form: a hello, an engagement, and an agreement's signature. */
const messages = [
  { type: 0x01, flight: 3, fields: concatBytes(seeded(60)(32), Uint8Array.of(0)) },
  { type: 0x02, flight: 7, fields: seeded(61)(64) },
  { type: 0x03, flight: 9, fields: seeded(62)(64) },
];

export const records: Maker = {
  about: 'Messages in records of one direction, one message over two records and two in one, to the close.',
  async make() {
    const [noiseKey, sessionId] = [seeded(63)(32), seeded(64)(32)];
    const key = recordKey(noiseKey, sessionId);
    const stream = concatBytes(
      ...messages.map(({ type, flight, fields }) =>
        concatBytes(messageHeader(type, fields.length, flight), fields),
      ),
    );
    const { data, heartbeat, close } = recordKind;
    const plain: readonly (readonly [RecordKind, Uint8Array])[] = [
      [data, stream.subarray(0, 20)],
      [heartbeat, new Uint8Array(0)],
      [data, stream.subarray(20, 60)],
      [data, stream.subarray(60)],
      [close, new Uint8Array(0)],
    ];
    const sealer = new RecordSealer(key.slice());
    const sealed = [];
    for (const [kind, piece] of plain) {
      const parts = await sealer.seal(kind, piece.length > 0 ? [piece] : []);
      sealed.push({ kind, data: hex(piece), record: hex(concatBytes(...parts)) });
    }
    sealer.destroy();
    return {
      noiseKey: hex(noiseKey),
      sessionId: hex(sessionId),
      key: hex(key),
      messages: messages.map(({ fields, ...header }) => ({ ...header, fields: hex(fields) })),
      records: sealed,
    };
  },
};
