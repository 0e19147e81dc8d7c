/** Answers about streams as Redis gives them (lists in lists), made readable. */
export interface StreamEntry {
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
}

export interface StreamGroup {
  readonly name: string;
  readonly consumers: number;
  readonly pending: number;
  readonly lastDeliveredId: string;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const pairs = (value: unknown): ReadonlyMap<string, unknown> => {
  const flat = list(value);
  return new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[String(name), flat[at + 1]] as const] : [])));
};

/** XREADGROUP of one stream. */
export function entriesOf(answer: unknown): readonly StreamEntry[] {
  return list(list(list(answer)[0])[1]).map((entry) => {
    const [id, fields] = list(entry);
    return { id: String(id), fields: new Map([...pairs(fields)].map(([name, value]) => [name, String(value)])) };
  });
}

/** XPENDING without a range: how many. */
export const pendingOf = (answer: unknown): number => Number(list(answer)[0] ?? Number.NaN);

/** XINFO GROUPS. */
export function groupsOf(answer: unknown): readonly StreamGroup[] {
  return list(answer).map((group) => {
    const of = pairs(group);
    return {
      name: String(of.get('name')),
      consumers: Number(of.get('consumers')),
      pending: Number(of.get('pending')),
      lastDeliveredId: String(of.get('last-delivered-id')),
    };
  });
}

/** XINFO STREAM: how long, and the last id it gave out. */
export function streamOf(answer: unknown): { readonly length: number; readonly lastId: string } {
  const of = pairs(answer);
  return { length: Number(of.get('length') ?? 0), lastId: String(of.get('last-generated-id') ?? '0-0') };
}
