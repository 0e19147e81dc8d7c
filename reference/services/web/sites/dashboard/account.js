import { form, mutate } from './api.js';

const error = document.querySelector('#error');
const fields = (event) => Object.fromEntries(new FormData(event.target));

async function submit(event, label, work) {
  event.preventDefault();
  const button = event.target.querySelector('button');
  const before = button.textContent;
  error.textContent = '';
  button.disabled = true;
  button.textContent = label;
  try {
    await work(fields(event));
  } catch (failure) {
    error.textContent = failure.message;
  } finally {
    button.disabled = false;
    button.textContent = before;
  }
}

document.querySelector('#login')?.addEventListener('submit', (event) =>
  submit(event, 'Signing in...', async ({ email, password }) => {
    // One text for every cause: it must not say whether the address exists.
    if (await form('/api/auth/callback/credentials', { email, password })) throw new Error('Invalid email or password');
    location.assign('/dashboard');
  }),
);

document.querySelector('#signup')?.addEventListener('submit', (event) =>
  submit(event, 'Creating account...', async ({ name, email, organizationName, password, confirmPassword }) => {
    if (password !== confirmPassword) throw new Error('The passwords are not the same');
    await mutate('auth.register', { name, email, organizationName, password });
    location.assign('/login');
  }),
);
