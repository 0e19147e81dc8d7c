import { useState } from 'react';
import { chooseTheme, chosenTheme, type Theme } from '../theme.ts';

const names: Readonly<Record<Theme, string>> = { light: 'Light', dark: 'Dark', system: 'As the system' };

export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  const choose = (next: Theme) => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <label className="theme">
      Theme
      <select value={theme} onChange={(event) => choose(event.currentTarget.value as Theme)}>
        {Object.entries(names).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
