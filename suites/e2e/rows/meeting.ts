import type { Rows } from './row.ts';

export const meetingRows: Rows = {
  'meeting.join': {
    claim: 'Two people join a meeting within the target',
    assertions: { joined: {}, latency: { target: 'T-lk-join' } },
    needs: ['meetings', 'meetings.keys'],
    source: 'R P',
    how: 'Two participants of ours meet and each must see the other; then up to 240 joins, two at a time, are timed from dialling until signalling and the media path stand.',
    timeoutMs: 150_000,
    writes: true,
  },
  'meeting.media': {
    claim: 'Two people in a meeting see and hear each other within the targets',
    assertions: {
      seen: {},
      heard: {},
      video: { target: 'T-lk-video' },
      audio: { target: 'T-lk-audio' },
      loss: { target: 'T-lk-loss' },
    },
    needs: ['meetings', 'meetings.keys'],
    source: 'R P I',
    how: 'One shows a known picture and speaks 310 coded tones in a minute; another hears them, on the same clock, and counts packets by getStats once a second; up to 230 times somebody joins and waits for the first decoded picture, timed from dialling.',
    timeoutMs: 210_000,
    writes: true,
  },
  'meeting.agent': {
    claim: 'The agent joins the meeting and answers, in writing and aloud',
    assertions: { joins: {}, text: {}, voice: {} },
    needs: ['meetings', 'meetings.keys', 'agent'],
    source: 'R P',
    how: 'A participant of ours comes into a meeting, waits for the agent, writes to it and speaks to it, and waits for its answers.',
    timeoutMs: 90_000,
    writes: true,
  },
};
