import type { ReactNode } from 'react';
import {
  Button,
  Checkbox as AriaCheckbox,
  type CheckboxProps,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  Switch as AriaSwitch,
  type SwitchProps,
} from 'react-aria-components';
import style from './field.module.css';
import { FieldProblem } from './field-problem.js';
import { Icon } from '../icon.js';

interface Choice<Id extends string> {
  label: string;
  options: readonly { id: Id; label: string }[];
  value: Id;
  onChange: (id: Id) => void;
  /** The label is for screen readers alone. */
  compact?: boolean;
}

export function Select<Id extends string>({ label, options, value, onChange, compact }: Choice<Id>) {
  return (
    <AriaSelect
      className={style.field}
      value={value}
      onChange={(key) => onChange(key as Id)}
      {...(compact && { 'aria-label': label })}
    >
      {!compact && <Label className={style.label}>{label}</Label>}
      <Button className={`${style.input} ${style.select}`}>
        <SelectValue />
        <Icon name="down" />
      </Button>
      <FieldProblem />
      <Popover className={style.popover}>
        <ListBox className={style.options} items={options}>
          {({ id, label: text }) => (
            <ListBoxItem id={id} textValue={text} className={style.option}>
              {text}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

export function Switch({ children, ...props }: Omit<SwitchProps, 'children'> & { children: ReactNode }) {
  return (
    <AriaSwitch {...props} className={style.toggle}>
      <span className={style.track} />
      <span className={style.label}>{children}</span>
    </AriaSwitch>
  );
}

export function Checkbox({ children, ...props }: Omit<CheckboxProps, 'children'> & { children: ReactNode }) {
  return (
    <AriaCheckbox {...props} className={style.check}>
      <span className={style.box}>
        <Icon name="check" size={14} />
      </span>
      <span>{children}</span>
    </AriaCheckbox>
  );
}
