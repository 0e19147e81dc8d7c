import { router } from '../trpc.ts';
import { analytics } from './analytics.ts';
import { apiKeys } from './api-keys.ts';
import { assetClasses } from './asset-classes.ts';
import { auth } from './auth.ts';
import { chat } from './chat.ts';
import { endUsers } from './end-users.ts';
import { escalations } from './escalations.ts';
import { health } from './health.ts';
import { knowledge } from './knowledge.ts';
import { livekit } from './livekit.ts';
import { meetings } from './meetings.ts';
import { mfa } from './mfa.ts';
import { sessions } from './sessions.ts';
import { surveys } from './surveys.ts';
import { users } from './users.ts';
import { widgets } from './widgets.ts';

export const appRouter = router({
  analytics,
  apiKeys,
  assetClasses,
  auth,
  chat,
  endUsers,
  escalations,
  health,
  knowledge,
  livekit,
  meetings,
  mfa,
  sessions,
  surveys,
  users,
  widgets,
});
