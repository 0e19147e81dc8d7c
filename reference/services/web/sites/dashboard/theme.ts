export type Theme = 'light' | 'dark' | 'system';

const key = 'theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', () => applyTheme());

/** What this browser was told last; a choice of the person at the screen, so it stays with the browser. */
export function chosenTheme(): Theme {
  const chosen = localStorage.getItem(key);
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(key, theme);
  applyTheme();
}

export function applyTheme(): void {
  const chosen = chosenTheme();
  const shown = chosen === 'system' ? (dark.matches ? 'dark' : 'light') : chosen;
  document.documentElement.dataset.theme = shown;
}
