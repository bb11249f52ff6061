import { FieldError } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import style from './field.module.css';

/** What is wrong with a field. What the browser found has words of its own, in its language: it is said in the page's. */
export function FieldProblem() {
  const { t } = useTranslation();
  return (
    <FieldError className={style.error}>
      {({ validationDetails: found, validationErrors }) => {
        if (found.customError) return validationErrors.join(' ');
        if (found.valueMissing) return t('field.missing');
        return found.typeMismatch ? t('malformed.email') : t('field.malformed');
      }}
    </FieldError>
  );
}
