import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../shared/style.css';
import './dashboard.css';
import { App } from './app.tsx';
import { applyTheme } from './theme.ts';
import { Safely } from './ui/safely.tsx';

applyTheme();
createRoot(document.querySelector('#app')!).render(
  <StrictMode>
    <Safely>
      <App />
    </Safely>
  </StrictMode>,
);
