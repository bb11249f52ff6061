import type { ReactNode } from 'react';
import { Logo } from '../parts/icon.js';
import { ConnectionBanner } from './connection-banner.js';
import { Preferences } from './preferences.js';
import style from './shell.module.css';

/** What stands around the screens before a session. */
export function Gate({ children }: { children: ReactNode }) {
  return (
    <div className={style.gate}>
      <div>
        <ConnectionBanner />
        <main className={style.gateBody} style={{ minHeight: '100%' }}>
          <div className={style.brand}>
            <Logo size={32} />
            Twinlock
          </div>
          <div className={style.gateCard}>{children}</div>
        </main>
      </div>
      <footer className={style.gateFoot}>
        <Preferences />
      </footer>
    </div>
  );
}
