import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { startLanguage } from './language/i18n.js';
import { readLoginLink } from './login/login-link.js';
import { applyTheme, chosenTheme } from './shell/theme.js';
import './styles/tokens.css';
import './styles/base.css';

// before anything else, so that no request, no history and no later script has the token of a login link
const link = readLoginLink(location.hash);
if (link) history.replaceState(null, '', location.pathname + location.search);

applyTheme(chosenTheme());
await startLanguage();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App link={link} />
  </StrictMode>,
);
