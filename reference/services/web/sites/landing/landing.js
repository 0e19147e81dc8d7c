const menu = document.querySelector('.menu');
const nav = document.querySelector('#menu');
menu.addEventListener('click', () => menu.setAttribute('aria-expanded', String(nav.classList.toggle('open'))));

const soon = document.querySelector('#soon');
for (const button of document.querySelectorAll('.soon')) button.addEventListener('click', () => soon.showModal());

// The message stays on this page: a reference deployment writes to nobody.
document.querySelector('#contact')?.addEventListener('submit', (event) => {
  event.preventDefault();
  event.target.reset();
  document.querySelector('#sent').textContent = 'Message Sent!';
});

const demo = document.querySelector('#demo');
demo.addEventListener('click', () => {
  const panel = document.createElement('section');
  panel.className = 'card panel chat';
  panel.innerHTML = '<h2>AI Assistant</h2><ul class="log"><li>Hello! Ask me what the agents can do.</li></ul>';
  demo.replaceWith(panel);
});
