import { useState } from 'react';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button } from '../../parts/button.js';
import { Icon } from '../../parts/icon.js';
import { tell } from '../../parts/overlays/toast.js';
import { Facts } from '../../parts/surface.js';
import style from '../activity.module.css';
import { type Filter, parametersOf } from '../filters/filter.js';
import type { EventProps } from './event-row.js';
import { originOf, personOf } from './origin.js';

/** The whole event: every member, what is personal opened, and where it leads to. */
export function EventDetail({ portal, event, accountName, actorName }: EventProps) {
  const { t } = useTranslation();
  const { account, actor, context } = event;
  const to = (filter: Partial<Filter>) => `/p/${portal}/activity?${parametersOf(filter)}`;
  const named = (name: string | null | undefined, id: string | undefined) => [name, id].filter(Boolean).join(' · ');
  const { correlationId, causationId, traceparent, sessionId, challengeId, entrance, ...unknown } = context;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [t('activity.member.time'), event.time],
    [t('activity.member.type'), event.type],
    [t('activity.member.id'), event.id],
    [t('activity.member.portal'), event.portal],
    [t('activity.whom'), account && named(accountName, account)],
    [t('activity.by'), [t(`activity.actor.${actor.kind}`), named(actorName, actor.id)].filter(Boolean).join(' · ')],
    ...personalFacts(personOf(event), (name) => t(`activity.person.${name as 'username'}`), t('activity.aboutPerson')),
    ...personalFacts(originOf(event), (name) => t(`activity.origin.${name as 'address'}`), t('activity.whence')),
    [t('activity.member.entrance'), t(`activity.entrance.${entrance}`)],
    [t('activity.member.correlationId'), correlationId],
    [t('activity.member.causationId'), causationId],
    [t('activity.member.traceparent'), traceparent],
    [t('activity.member.sessionId'), sessionId],
    [t('activity.member.challengeId'), challengeId],
    ...Object.entries(unknown).map(([name, value]) => [name, JSON.stringify(value)] as const),
    [t('activity.member.streamVersion'), String(event.streamVersion)],
    [t('activity.member.hash'), event.hash],
    [t('activity.member.previousHash'), event.previousHash],
  ];

  function personalFacts(
    part: object | 'gone' | undefined,
    word: (name: string) => string,
    whole: string,
  ): (readonly [string, string])[] {
    if (part === undefined) return [];
    if (part === 'gone') return [[whole, t('activity.gone')]];
    return Object.entries(part).map(([name, value]) => [
      word(name),
      name === 'toldBy' ? t('activity.told') : String(value),
    ]);
  }

  return (
    <div className={style.detail}>
      <Facts facts={facts.filter(([, value]) => value !== undefined && value !== '')} />
      <div className="stack-s">
        <span className="muted">{t('activity.member.data')}</span>
        {/* what scrolls is reached by the keyboard too */}
        <pre className={style.data} tabIndex={0} aria-label={t('activity.member.data')} role="region">
          {JSON.stringify(event.data, null, 2)}
        </pre>
      </div>
      <div className="row">
        <Link href={to({ correlationId })}>{t('activity.ofRequest')}</Link>
        {account && <Link href={to({ account })}>{t('activity.ofPerson')}</Link>}
        {actor.id && <Link href={to({ actor: actor.id })}>{t('activity.byActor')}</Link>}
        <CopyButton text={JSON.stringify(event, null, 2)} />
      </div>
    </div>
  );
}

function CopyButton({ text }: { text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      tell(t('activity.copied'));
    } catch {
      // not allowed, or the page came by http, where browsers have no clipboard
      tell(t('action.notCopied'), 'danger');
    }
  };
  return (
    <Button onPress={() => void copy()}>
      <Icon name={copied ? 'check' : 'copy'} />
      {t('activity.copy')}
    </Button>
  );
}
