import { useTranslation } from 'react-i18next';
import { Button } from '../../parts/button.js';
import style from './bulk.module.css';
import { type Command, commands } from './commands.js';

interface Props {
  count: number;
  onCommand: (command: Command) => void;
  onClear: () => void;
}

/** What can be done with those who are chosen. It is always there, so that nothing moves when the first one is. */
export function BulkBar({ count, onCommand, onClear }: Props) {
  const { t } = useTranslation();
  const idle = count === 0;
  return (
    <div className={`${style.bar} ${idle ? '' : style.stuck}`} role="group" aria-label={t('bulk.title')}>
      <strong role="status">{idle ? t('bulk.nobody') : t('bulk.chosen', { count })}</strong>
      <Button look="quiet" idle={idle} onPress={onClear}>
        {t('bulk.clear')}
      </Button>
      <div className={style.commands}>
        {commands.map((command) => (
          <Button key={command} idle={idle} onPress={() => onCommand(command)}>
            {t(`bulk.${command}.begin`)}
          </Button>
        ))}
      </div>
    </div>
  );
}
