import type { Check } from '../check.ts';
import { laterChecks } from '../later.ts';

const users: Check = {
  id: 'load.users',
  suite: 'load',
  claim:
    'A hundred users at once, reading, asking, talking and meeting, are served within every target and without errors',
  assertions: {
    'T-users': { target: 'T-users' },
    'T-api': { target: 'T-api' },
    'T-chat': { target: 'T-chat' },
    'T-search': { target: 'T-search' },
    'T-ws-connect': { target: 'T-ws-connect', needs: ['realtime'] },
    'T-ws-msg': { target: 'T-ws-msg', needs: ['realtime'] },
    'T-errors': { target: 'T-errors' },
    // What came back belonged to who asked: no answer, search result or message of somebody else.
    answers: {},
  },
  needs: ['api', 'accounts'],
  source: 'R P',
  how:
    'Journeys of readers, askers, talkers and meeters arrive in an open model so that a hundred are there from the first ' +
    'seconds on; beside them evenly paced queries, questions, searches, socket connections and messages give each target ' +
    'its samples. Everything is counted from the moment it was due.',
  timeoutMs: 300_000,
  writes: true,
};

export const checks: Readonly<Record<string, Check>> = {
  users,
  ...laterChecks('load', 'load', {
    api: ['The API sustains the arrival rate it is built for', ['api', 'accounts'], 'P I', ['T-rate']],
    ws: [
      'The realtime service holds the promised number of sockets and delivers between them',
      ['realtime', 'accounts'],
      'I',
      ['T-ws-conns', 'T-ws-msg'],
    ],
    livekit: [
      'Rooms and participants join in time while many meet at once',
      ['meetings', 'meetings.keys'],
      'R',
      ['T-lk-join', 'T-lk-loss'],
    ],
    db: [
      'The database answers the common queries in time at its promised rate',
      ['database.appUrl'],
      'P I',
      ['T-db', 'T-db-rate'],
    ],
    browser: [
      'Real browsers keep their web vitals while the platform is under load',
      ['web.dashboard'],
      'P',
      ['T-fcp', 'T-tti'],
    ],
    stress: ['The highest rate at which every target still holds is known', ['api', 'accounts'], 'P'],
    ratelimit: ['Abusive clients are limited and legitimate ones are not', ['api', 'accounts'], 'P', ['T-ratelimit']],
    deploy: [
      'No request is lost while an instance restarts or a new revision is rolled out',
      ['api', 'accounts'],
      'R I',
    ],
    sticky: [
      'Sockets survive changes of instances behind the balancer, and messages still reach everybody',
      ['realtime', 'accounts'],
      'R',
    ],
  }),
};
