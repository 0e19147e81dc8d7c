import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeMeetings, look, type Seen } from './way.ts';

/** A real meeting server, real media, and a relay between the two that delays or loses datagrams: do our numbers say so? */
let plain: Seen;
let relayed: Seen;
let late: Seen;
let lossy: Seen;

// All at the same time: what the machine does meanwhile, it does to each.
beforeAll(async () => {
  [plain, relayed, late, lossy] = await Promise.all([
    look(null),
    look([]),
    look(['--delay-ms=50']),
    look(['--loss=0.02', '--way=down']),
  ]);
}, 240_000);

afterAll(closeMeetings);

describe('with a relay between people and the meeting server', () => {
  test('that does nothing the numbers are about those without one', () => {
    expect(plain.unheard + relayed.unheard).toBeLessThanOrEqual(2);
    expect(Math.abs(relayed.audioMs - plain.audioMs)).toBeLessThan(60);
    expect(plain.lost / plain.received).toBeLessThan(0.01);
    expect(relayed.lost / relayed.received).toBeLessThan(0.01);
  });

  test('that takes 50 ms each way sound comes 100 ms later, and a first picture several round trips later', () => {
    expect(late.unheard).toBeLessThanOrEqual(2);
    expect(late.audioMs - relayed.audioMs).toBeGreaterThan(70);
    expect(late.audioMs - relayed.audioMs).toBeLessThan(170);
    expect(late.pictureMs - relayed.pictureMs).toBeGreaterThan(150);
  });

  test('that loses 2 % on the way down the loss that is counted is 2 %, within its interval', () => {
    const of = lossy.received + lossy.lost;
    expect(of).toBeGreaterThan(500);
    // Three standard deviations of a binomial share on each side.
    const apart = 3 * Math.sqrt((0.02 * 0.98) / of);
    expect(lossy.lost / of).toBeGreaterThan(0.02 - apart);
    expect(lossy.lost / of).toBeLessThan(0.02 + apart);
    expect(lossy.unheard).toBeLessThanOrEqual(4);
  });
});
