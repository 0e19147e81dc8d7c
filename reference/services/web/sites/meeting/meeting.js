const at = (selector) => document.querySelector(selector);
const lobby = at('#lobby');
const join = lobby.querySelector('button');

at('#displayName').value = sessionStorage.getItem('displayName') ?? '';
const room = decodeURIComponent(location.pathname.slice(1));
if (room && sessionStorage.getItem('displayName')) enter(room);
else if (room) history.replaceState(null, '', '/');

at('#roomId').addEventListener('input', (event) => {
  join.disabled = event.target.value.trim() === '';
});
lobby.addEventListener('submit', (event) => {
  event.preventDefault();
  go(at('#roomId').value.trim());
});
at('#demo').addEventListener('click', () => go(`demo-${crypto.randomUUID().slice(0, 8)}`));
at('#leave').addEventListener('click', () => location.assign('/'));

function go(id) {
  if (!at('#displayName').reportValidity()) return;
  sessionStorage.setItem('displayName', at('#displayName').value);
  location.assign(`/${encodeURIComponent(id)}`);
}

function enter(id) {
  lobby.hidden = true;
  at('#room').hidden = false;
  at('h1').textContent = `Room ${id}`;
  at('#state').textContent = '1 participant';
}
