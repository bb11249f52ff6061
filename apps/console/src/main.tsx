import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { startLanguage } from './language/i18n.js';
import { readLinks } from './login/links.js';
import { applyTheme, chosenTheme } from './shell/theme.js';
import './styles/tokens.css';
import './styles/base.css';

// before anything else, so that no request, no history and no later script has the token of a link
const links = readLinks(location);
if (links) history.replaceState(null, '', location.pathname + (links.provider === undefined ? location.search : ''));
// a link that is opened where this page is already
window.addEventListener('hashchange', () => readLinks(location) && location.reload());

applyTheme(chosenTheme());
await startLanguage();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App links={links} />
  </StrictMode>,
);
