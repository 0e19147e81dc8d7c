const events = [];
for (const name of ['ready', 'open', 'close', 'message', 'error']) {
  document.addEventListener(`platform-widget:${name}`, () => {
    events.push(name);
    document.querySelector('#events').textContent = events.join(', ');
  });
}
window.PlatformWidget.init({ title: 'AI Assistant', greeting: 'Hello! How can I help?' });
