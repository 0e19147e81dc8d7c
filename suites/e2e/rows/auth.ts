import type { Rows } from './row.ts';

const dashboard = ['api', 'web.dashboard', 'accounts'] as const;

/** How people come in and go out, at the pages of the dashboard. */
export const authRows: Rows = {
  'auth.signup': {
    claim: 'A new customer can register with e-mail and password and verify the address',
    assertions: { 'weak-refused': {}, registers: {}, verifies: {}, 'signs-in': {} },
    needs: dashboard,
    source: 'R P',
    how: 'At the sign-up page: a weak password is refused in words, a good one registers; the link in the mail (outbox) verifies the address; the new customer signs in.',
    timeoutMs: 120_000,
    writes: true,
  },
  'auth.login': {
    claim: 'A user can sign in, and a wrong password does not say which part was wrong',
    assertions: { 'signs-in': {}, 'refusal-shown': { atLeast: 2 }, 'tells-nothing': {} },
    needs: dashboard,
    source: 'R P',
    how: 'At the sign-in page: the right password leads to the dashboard; a wrong one and an unknown address are refused in view and in the same words.',
    timeoutMs: 120_000,
    writes: true,
  },
  'auth.logout': {
    claim: 'Signing out ends the session',
    assertions: { left: {}, 'others-stay': {}, ended: {} },
    needs: dashboard,
    source: 'R P',
    how: 'After logging out the dashboard is closed, and the API refuses the cookie of before while another session of the account goes on.',
    timeoutMs: 90_000,
    writes: true,
  },
  'auth.oauth': {
    claim: 'Google and Microsoft sign-in work',
    assertions: { google: {}, microsoft: {} },
    needs: [...dashboard, 'identity'],
    source: 'R P',
    how: 'From the sign-in page to the provider’s stand-in, which believes whoever one says one is, and back into the dashboard; once for each provider.',
    timeoutMs: 120_000,
    writes: true,
  },
  'auth.reset': {
    claim: 'A forgotten password can be reset, once, by its owner',
    assertions: { asks: {}, resets: {}, 'signs-in-anew': {}, 'old-refused': {}, once: {} },
    needs: dashboard,
    source: 'P',
    how: 'From "Forgot your password?" through the link in the mail (outbox) to a new password, which signs in; the old one does not, nor does the link a second time.',
    timeoutMs: 120_000,
    writes: true,
  },
  'auth.mfa': {
    claim: 'A second factor can be enrolled and used, and a backup code works once',
    assertions: { enrols: {}, asked: {}, 'wrong-code-refused': {}, 'code-accepted': {}, 'backup-code-once': {} },
    needs: dashboard,
    source: 'P',
    how: 'A TOTP factor is enrolled; at the sign-in page the right password leads to the question for a code: a wrong one is refused, the right one let in, a backup code once and not twice.',
    timeoutMs: 150_000,
    writes: true,
  },
  'auth.lockout': {
    claim: 'Five wrong passwords lock the account',
    assertions: { 'four-forgiven': {}, locks: {}, 'opens-again': { needs: ['clock'] } },
    needs: dashboard,
    source: 'P',
    how: 'Four wrong passwords and the right one: let in. Five wrong ones and the right one, at the page: refused. Sixteen minutes later, by the deployment’s clock: let in.',
    timeoutMs: 90_000,
    writes: true,
  },
  'auth.timeout': {
    claim: 'A session ends after 8 h and after 30 min without use',
    assertions: { expiry: {}, idle: { needs: ['clock'] }, absolute: { needs: ['clock'] }, said: { needs: ['clock'] } },
    needs: dashboard,
    source: 'P',
    how: 'The end a session states is read; with the clock of the account moved, it outlives 20 idle minutes and not 31, lives through 7 h 40 min of use and not beyond 8 h, and the page then asks to sign in.',
    timeoutMs: 120_000,
    writes: true,
  },
};
