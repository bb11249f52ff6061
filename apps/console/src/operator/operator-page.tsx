import { createContext, Fragment, type ReactNode, useContext } from 'react';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.js';
import { Page } from '../parts/surface.js';

/** Logs the operator out. */
export const Leaving = createContext<() => void>(() => undefined);

interface Props {
  title: string;
  /** The screens that lead here. */
  above?: readonly { href: string; label: string }[];
  action?: ReactNode;
  children: ReactNode;
}

/** A screen of the operator's. */
export function OperatorPage({ title, above, action, children }: Props) {
  const { t } = useTranslation();
  const leave = useContext(Leaving);
  const way = above?.map(({ href, label }, index) => (
    <Fragment key={href}>
      {index > 0 && ' / '}
      <Link href={href}>{label}</Link>
    </Fragment>
  ));
  return (
    <Page
      title={title}
      above={way}
      action={
        <div className="row">
          {action}
          <Button onPress={leave}>{t('operator.leave')}</Button>
        </div>
      }
    >
      {children}
    </Page>
  );
}
