import { form, mutate, query } from './api.js';

const at = (selector) => document.querySelector(selector);
const section = location.pathname.split('/')[1] || 'dashboard';
const link = at(`.side nav a[href="/${CSS.escape(section)}"]`);
link?.setAttribute('aria-current', 'page');
if (link) at('#title').textContent = link.textContent;

const { user } = await query('auth.getSession').catch(() => ({ user: null }));
if (user) await show(user);
else location.replace('/login');

async function show({ name, email }) {
  at('#who').textContent = name ?? email;
  try {
    const [sessions, documents, users] = await Promise.all([
      query('sessions.list', { limit: 1 }),
      query('knowledge.list', { limit: 1 }),
      query('users.list', { limit: 1 }),
    ]);
    at('#conversations').textContent = sessions.total;
    at('#documents').textContent = documents.total;
    at('#people').textContent = users.total;
  } catch (failure) {
    at('#error').textContent = failure.message;
  }
}

at('#logout').addEventListener('click', async () => {
  await form('/api/auth/signout', {});
  location.assign('/login');
});

let session;
at('#open').addEventListener('click', async () => {
  at('#panel').hidden = false;
  at('#open').hidden = true;
  at('#question').focus();
  session ??= await mutate('sessions.create', {});
});

at('#ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  const content = at('#question').value.trim();
  if (!content || !session) return;
  at('#question').value = '';
  say(content, 'mine');
  try {
    say((await mutate('chat.sendMessage', { sessionId: session.id, content })).assistantMessage.content);
  } catch {
    say('Failed to send message. Please try again.', 'error');
  }
});

function say(text, kind = '') {
  const line = document.createElement('li');
  line.textContent = text;
  line.className = kind;
  at('#log').append(line);
  line.scrollIntoView();
}
