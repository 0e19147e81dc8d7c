import type { Rows } from './row.ts';

const dashboard = ['api', 'web.dashboard', 'accounts'] as const;
const apps = [...dashboard, 'web.meeting'] as const;

export const dashboardRows: Rows = {
  'chat.stream': {
    claim: 'The answer arrives while it is being written',
    assertions: { 'while-written': {}, complete: {} },
    needs: dashboard,
    source: 'R P',
    how: 'Three long questions are asked in the AI chat of the dashboard; every state of the conversation is kept as it is drawn. A part that is less than half of the whole must have stood there before it.',
    timeoutMs: 120_000,
    writes: true,
  },
  'knowledge.upload': {
    claim: 'A document can be uploaded',
    assertions: { listed: {}, stored: {}, found: { needs: ['knowledge'] } },
    needs: dashboard,
    source: 'R P',
    how: 'A Markdown file is uploaded on the knowledge page and looked for in its list, also after a reload; the API must give all of it back, every line and letters of every size, and a search for its last line must find the piece that holds it.',
    timeoutMs: 120_000,
    writes: true,
  },
  'dashboard.settings': {
    claim: 'Settings can be changed and stay changed',
    assertions: { changes: {}, stays: { atLeast: 2 }, elsewhere: {} },
    needs: dashboard,
    source: 'P',
    how: 'The first setting that can be changed on the settings page is changed, saved and looked at after a reload, twice: what is made when first saved may be stored and a change of it not. A text must then stand there in another browser of the same user as well.',
    timeoutMs: 120_000,
    writes: true,
  },
  'dashboard.profile': {
    claim: 'The profile can be changed and stays changed',
    assertions: { changes: {}, stays: { atLeast: 2 } },
    needs: dashboard,
    source: 'P',
    how: 'The user changes the name on the profile page and saves it; it must be there after a reload, and in users.me.',
    timeoutMs: 90_000,
    writes: true,
  },
  'dashboard.theme': {
    claim: 'The theme can be switched and stays switched',
    assertions: { switches: { atLeast: 2 }, stays: { atLeast: 2 } },
    needs: dashboard,
    source: 'P',
    how: 'The theme is switched to the other look and back; after each the brightness of what is seen, as the median of its pixels, is measured, at once and after a reload.',
    timeoutMs: 90_000,
    writes: true,
  },
  'dashboard.persistence': {
    claim: 'The session survives a reload',
    assertions: { reload: {}, 'new-tab': {} },
    needs: dashboard,
    source: 'P',
    how: 'A user signs in on the sign-in page, reloads at once and a few seconds later, and opens a page of the dashboard in another tab.',
    timeoutMs: 90_000,
    writes: true,
  },
  'dashboard.errors': {
    claim: 'A failure is shown, and the page recovers from it',
    assertions: { shown: { atLeast: 4 }, recovers: { atLeast: 4 } },
    needs: dashboard,
    source: 'P',
    how: 'Calls of the page to the API are answered 500, then cut, while a page is opened and while the profile is saved. The page must complain, and all must be well again once the calls go through.',
    timeoutMs: 180_000,
    writes: true,
  },
  'cross.apps': {
    claim: 'One sign-in carries over landing, dashboard and meeting, and sign-out ends it in all',
    // The sign-in itself and the two applications there always are.
    assertions: { carries: { atLeast: 3 }, ends: { atLeast: 3 } },
    needs: apps,
    source: 'P',
    how: 'A user signs in at the dashboard and opens the applications in other tabs; each is asked out of its own page, with what its browser sends, who is there. After signing out at the dashboard none may know.',
    timeoutMs: 120_000,
    writes: true,
  },
};
