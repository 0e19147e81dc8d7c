import type { Check } from '../check.ts';
import { laterChecks } from '../later.ts';
import { apiRows } from './rows/api.ts';
import { authRows } from './rows/auth.ts';
import { chatRows } from './rows/chat.ts';
import { dashboardRows } from './rows/dashboard.ts';
import { meetingRows } from './rows/meeting.ts';
import type { Rows } from './rows/row.ts';
import { serviceRows } from './rows/service.ts';

const dashboard = ['api', 'web.dashboard', 'accounts'] as const;
const meeting = ['api', 'meetings', 'web.meeting', 'accounts'] as const;
const chat = ['api', 'realtime', 'accounts'] as const;

/** Every promise about what users do, in the order a reader wants them; those without a body yet among them. */
const planned = laterChecks('e2e', 'e2e', {
  'auth.signup': ['A new customer can register with e-mail and password and verify the address', dashboard, 'R P'],
  'auth.login': ['A user can sign in, and a wrong password does not say which part was wrong', dashboard, 'R P'],
  'auth.logout': ['Signing out ends the session', dashboard, 'R P'],
  'auth.oauth': ['Google and Microsoft sign-in work', dashboard, 'R P'],
  'auth.reset': ['A forgotten password can be reset, once, by its owner', dashboard, 'P'],
  'auth.mfa': ['A second factor can be enrolled and used, and a backup code works once', dashboard, 'P'],
  'auth.lockout': ['Five wrong passwords lock the account', dashboard, 'P'],
  'auth.timeout': ['A session ends after 8 h and after 30 min without use', dashboard, 'P'],
  'chat.ai': ['A question to the AI gets its answer within the chat target', dashboard, 'R P', ['T-chat']],
  'chat.stream': ['The answer arrives while it is being written', dashboard, 'R P'],
  'chat.routing': ['Simple and hard questions reach the right model tier', ['api', 'accounts'], 'R P'],
  'chat.cost': ['Usage and cost are recorded, and routing saves what it should', ['api', 'accounts'], 'P'],
  'chat.realtime': ['Two people exchange messages', chat, 'R P'],
  'chat.order': ['Messages keep their order; none is lost or doubled', chat, 'R P'],
  'chat.reconnect': [
    'After a drop the chat is back within the target and nothing is lost',
    chat,
    'R P',
    ['T-ws-reconnect'],
  ],
  'chat.instances': ['Messages cross from one realtime instance to another', chat, 'R P'],
  'chat.durable': [
    'What was acknowledged is stored exactly once; what was refused left nothing behind',
    [...chat, 'database.serviceUrl'],
    'ASVS',
  ],
  'meeting.create': ['A meeting room can be created', meeting, 'R P'],
  'meeting.join': ['Two people join a meeting within the target', meeting, 'R P', ['T-lk-join']],
  'meeting.media': [
    'They see and hear each other within the targets',
    meeting,
    'R P',
    ['T-lk-video', 'T-lk-audio', 'T-lk-loss'],
  ],
  'meeting.screen': ['A shared screen is seen by the other', meeting, 'R P'],
  'meeting.people': ['The participant list is right', meeting, 'P'],
  'meeting.chat': ['Chat works during a meeting', meeting, 'P'],
  'meeting.leave': ['Leaving is seen by the others', meeting, 'P'],
  'meeting.agent': ['The agent joins the meeting and answers', [...meeting, 'agent'], 'R P'],
  'meeting.controls': ['Mute, camera off and a device change are seen by the other', meeting, 'P'],
  'knowledge.upload': ['A document can be uploaded', dashboard, 'R P'],
  'knowledge.search': ['A fresh document is found within the search target', ['api', 'accounts'], 'R P', ['T-search']],
  'knowledge.answer': ['An answer cites the document it rests on', ['api', 'accounts'], 'R'],
  'survey.fallback': [
    'A survey is delivered, and each way is used when the one before fails',
    ['api', 'accounts'],
    'R',
  ],
  'escalation.handoff': ['An escalated problem reaches a human agent, and the customer sees the reply', chat, 'R'],
  'dashboard.settings': ['Settings can be changed and stay changed', dashboard, 'P'],
  'dashboard.profile': ['The profile can be changed and stays changed', dashboard, 'P'],
  'dashboard.theme': ['The theme can be switched and stays switched', dashboard, 'P'],
  'dashboard.persistence': ['The session survives a reload', dashboard, 'P'],
  'dashboard.errors': ['A failure is shown, and the page recovers from it', dashboard, 'P'],
  'landing.pages': ['The five pages of the landing site work', ['web.landing'], 'P'],
  'landing.responsive': ['The landing site works on phone, tablet and desktop', ['web.landing'], 'P'],
  'landing.forms': ['The forms of the landing site work', ['web.landing'], 'P'],
  'landing.seo': ['Title, description, canonical address, robots and sitemap are there', ['web.landing'], 'P'],
  'landing.a11y': ['The landing site meets WCAG 2.1 AA as far as a machine can tell', ['web.landing'], 'P'],
  'web.vitals': [
    'Pages load and become usable within the targets',
    ['web.landing'],
    'R P',
    ['T-fcp', 'T-tti', 'T-load3g', 'T-lh'],
  ],
  'widget.embed': ['The widget works in a plain page', ['web.widget'], 'P'],
  'widget.react': ['The widget works in a React page', ['web.widget'], 'P'],
  'widget.vue': ['The widget works in a Vue page', ['web.widget'], 'P'],
  'widget.angular': ['The widget works in an Angular page', ['web.widget'], 'P'],
  'widget.shadow': ['Styles of page and widget do not reach each other', ['web.widget'], 'P'],
  'widget.theme': ['The widget takes a theme', ['web.widget'], 'P'],
  'widget.events': ['The widget tells its page what happens', ['web.widget'], 'P'],
  'widget.init': ['The widget is ready within the target', ['web.widget'], 'P', ['T-widget']],
  'tenants.data': ['Of two tenants side by side, neither sees the data of the other', dashboard, 'P'],
  'tenants.files': ['Of two tenants side by side, neither reaches the files of the other', dashboard, 'P'],
  'tenants.sessions': ['Of two tenants side by side, neither sees the sessions of the other', dashboard, 'P'],
  'cross.apps': [
    'One sign-in carries over landing, dashboard and meeting, and sign-out ends it in all',
    [...dashboard, 'web.meeting'],
    'P',
  ],
  'cross.chat': ['Real-time chat and AI chat of one session are one conversation', chat, 'P'],
  lists: ['Totals, paging and filters agree with what is there', ['api', 'accounts'], 'ASVS'],
});

/** The promises that have a body: `chat.order.ts` for `e2e.chat.order`. A file of rows for each part of the platform. */
const built: Rows = {
  ...authRows,
  ...chatRows,
  ...apiRows,
  ...serviceRows,
  ...dashboardRows,
  ...meetingRows,
};

export const checks: Readonly<Record<string, Check>> = {
  ...planned,
  ...Object.fromEntries(
    Object.entries(built).map(([name, row]) => [name, { ...row, id: `e2e.${name}`, suite: 'e2e' } satisfies Check]),
  ),
};
