import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { ButtonLink } from '../parts/button.js';
import { Logo } from '../parts/icon.js';
import { Owner, PRODUCT } from '../parts/surface.js';
import { ConnectionBanner } from './connection-banner.js';
import { useFace } from './face.js';
import { Preferences } from './preferences.js';
import style from './shell.module.css';

/** What stands around the screens before a session; `portal`: whose they are, where one knows. */
export function Gate({ children, wide, portal = '' }: { children: ReactNode; wide?: boolean; portal?: string }) {
  const { name } = useFace(portal);
  return (
    <Owner value={name || PRODUCT}>
      <div className={style.gate}>
        <div>
          <ConnectionBanner />
          <main className={style.gateBody} style={{ minHeight: '100%' }}>
            <div className={style.brand}>
              <Logo size={32} />
              <span className={style.name} dir="auto">
                {name}
              </span>
            </div>
            <div className={wide ? style.gateWide : style.gateCard}>{children}</div>
          </main>
        </div>
        <footer className={style.gateFoot}>
          <Preferences />
          <Other />
        </footer>
      </div>
    </Owner>
  );
}

/** From the screens of people to that of the operator, and back. */
function Other() {
  const { t } = useTranslation();
  const [path] = useLocation();
  const operator = path.startsWith('/operator');
  // nobody goes anywhere else from there (R34)
  if (path.startsWith('/hand-over')) return null;
  return (
    <ButtonLink look="quiet" href={operator ? '/login' : '/operator'}>
      {operator ? t('shell.forPeople') : t('shell.forOperator')}
    </ButtonLink>
  );
}
