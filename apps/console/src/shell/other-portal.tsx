import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { ButtonLink } from '../parts/button.js';
import { Page } from '../parts/surface.js';
import { Gate } from './gate.js';
import { homeOf, loginPath } from './places.js';

/** In place of a screen of `portal` while the session is one of `own`: nothing of the one is shown under the name of the other. */
export function OtherPortal({ portal, own }: { portal: string; own: string }) {
  const { t } = useTranslation();
  const [path] = useLocation();
  return (
    <Gate>
      <Page boxed title={t('otherPortal.title')}>
        <p>{t('otherPortal.why', { portal, own })}</p>
        <ButtonLink look="primary" href={homeOf(own)}>
          {t('otherPortal.stay', { own })}
        </ButtonLink>
        <ButtonLink href={loginPath(portal, path)}>{t('otherPortal.login', { portal })}</ButtonLink>
      </Page>
    </Gate>
  );
}
