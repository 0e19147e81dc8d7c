/** The thresholds whose alerts a soak looks for, by the names the file and the record know them by. */
export const alertRuleNames = [
  'api.errors',
  'database.connections',
  'redis.exhausted',
  'livekit.down',
  'api.latency',
  'database.disk',
  'redis.memory',
  'realtime.connections',
] as const;

export type AlertRuleName = (typeof alertRuleNames)[number];
