import type { Redis } from 'ioredis';
import type { Clock } from '../common/clock.ts';
import type { Config } from '../common/config.ts';
import type { Database } from '../common/database.ts';
import type { Sessions } from '../common/sessions.ts';
import type { Switches } from '../common/switches.ts';
import type { Events } from './events.ts';
import type { Limits } from './limits.ts';

/** What every part of the API stands on. */
export interface Deployment {
  readonly config: Config;
  readonly name: string;
  readonly switches: Switches;
  readonly database: Database;
  readonly redis: Redis;
  readonly sessions: Sessions;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly events: Events;
}
