import { useTranslation } from 'react-i18next';
import type { Verification } from '../../api/queries.js';
import { Facts, Notice } from '../../parts/surface.js';
import { useTime } from '../../parts/use-time.js';

/** What `twinlock verify` said last; null: it has not been run, undefined: nobody knows now. */
export function LastVerification({ verification }: { verification: Verification | null | undefined }) {
  const { t } = useTranslation();
  const time = useTime();
  if (verification === undefined) return <p className="muted">{t('installation.verificationNotKnown')}</p>;
  if (verification === null) {
    return (
      <Notice tone="warn">
        <p>
          {t('installation.neverVerified')} <code>twinlock verify</code>
        </p>
      </Notice>
    );
  }
  const { at, intact, events, problems, chainBreaks } = verification;
  return (
    <>
      {!intact && (
        <Notice tone="danger">
          <p>
            {t('installation.notIntact')} <code>twinlock verify</code>
          </p>
        </Notice>
      )}
      <Facts
        facts={[
          [t('installation.verified'), time(at)],
          [t('installation.outcome'), t(intact ? 'installation.intact' : 'installation.broken')],
          [t('installation.events'), events],
          ...(intact
            ? []
            : [[t('installation.problems'), problems] as const, [t('installation.chainBreaks'), chainBreaks] as const]),
        ]}
      />
    </>
  );
}
