/* The chat widget: self-contained, in a shadow root, so that neither its styles nor the page's reach the other side. */
(() => {
  const style = `
    :host { all: initial; position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; font: 15px/1.5 system-ui, sans-serif; }
    button { font: inherit; font-weight: 600; border: 0; border-radius: 999px; padding: 12px 18px; background: var(--colour); color: #fff; cursor: pointer; }
    section { width: min(340px, calc(100vw - 40px)); background: #fff; color: #16182b; border-radius: 16px; overflow: hidden; box-shadow: 0 16px 50px rgb(22 24 43 / 25%); }
    section.dark { background: #1b1d33; color: #eef; }
    header { display: flex; align-items: center; padding: 12px 16px; background: var(--colour); color: #fff; font-weight: 600; }
    header button { margin-left: auto; padding: 0 8px; background: transparent; }
    ul { height: 220px; overflow: auto; list-style: none; margin: 0; padding: 12px 16px; }
    li { margin-bottom: 8px; }
    form { display: flex; gap: 8px; padding: 12px; border-top: 1px solid #e3e5f0; }
    input { flex: 1; min-width: 0; font: inherit; padding: 8px 10px; border: 1px solid #8d91ab; border-radius: 10px; }
    [hidden] { display: none; }`;
  const defaults = {
    title: 'AI Assistant',
    placeholder: 'Type a message...',
    greeting: '',
    primaryColor: '#4f46e5',
    theme: 'light',
    shadowMode: 'open',
  };

  function init(options = {}) {
    const settings = { ...defaults, ...options };
    const host = document.createElement('div');
    const root = host.attachShadow({ mode: settings.shadowMode });
    // A sheet of its own instead of a style element, which the page's content security policy may refuse.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    root.innerHTML = `<button part="launcher" aria-label="Open chat">Chat</button>
      <section hidden role="dialog"><header><span></span><button aria-label="Close chat">×</button></header><ul aria-live="polite"></ul><form><input aria-label="Message"><button>Send</button></form></section>`;
    const at = (selector) => root.querySelector(selector);
    const tell = (name, detail = {}) => document.dispatchEvent(new CustomEvent(`platform-widget:${name}`, { detail }));
    const shown = (open) => {
      at('section').hidden = !open;
      at('button[part]').hidden = open;
      tell(open ? 'open' : 'close');
    };
    const say = (text) => {
      const line = document.createElement('li');
      line.textContent = text;
      at('ul').append(line);
    };
    host.style.setProperty(
      '--colour',
      /^#[0-9a-f]{6}$/i.test(settings.primaryColor) ? settings.primaryColor : defaults.primaryColor,
    );
    at('section').classList.toggle('dark', settings.theme === 'dark');
    at('header span').textContent = settings.title;
    at('section').setAttribute('aria-label', settings.title);
    at('input').placeholder = settings.placeholder;
    if (settings.greeting) say(settings.greeting);
    at('button[part]').addEventListener('click', () => shown(true));
    at('header button').addEventListener('click', () => shown(false));
    at('form').addEventListener('submit', (event) => {
      event.preventDefault();
      const text = at('input').value.trim();
      if (!text) return;
      at('input').value = '';
      say(text);
      tell('message', { text });
    });
    document.body.append(host);
    tell('ready');
    return {
      open: () => shown(true),
      close: () => shown(false),
      destroy: () => host.remove(),
      get isOpen() {
        return !at('section').hidden;
      },
      getShadowRoot: () => root,
    };
  }

  window.PlatformWidget = { init };
})();
