import type { ReactNode } from 'react';
import {
  Button,
  Checkbox as AriaCheckbox,
  CheckboxGroup as AriaCheckboxGroup,
  type CheckboxProps,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  Switch as AriaSwitch,
  type SwitchProps,
  Text,
} from 'react-aria-components';
import style from './field.module.css';
import { FieldProblem } from './field-problem.js';
import { Icon } from '../icon.js';

interface Choice<Id extends string> {
  label: string;
  hint?: string;
  options: readonly { id: Id; label: string }[];
  value: Id;
  onChange: (id: Id) => void;
  /** The label is for screen readers alone. */
  compact?: boolean;
}

export function Select<Id extends string>({ label, hint, options, value, onChange, compact }: Choice<Id>) {
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
      {hint && (
        <Text slot="description" className={style.hint}>
          {hint}
        </Text>
      )}
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

interface Choices<Id extends string> {
  label: string;
  options: readonly { id: Id; label: string }[];
  /** None: all of them. */
  value: readonly Id[];
  /** For all of them. */
  all: string;
  /** For several. */
  some: (count: number) => string;
  onChange: (ids: Id[]) => void;
}

const ALL = 'all';

/** Any of several. */
export function MultiSelect<Id extends string>({ label, options, value, all, some, onChange }: Choices<Id>) {
  const one = value.length === 1 ? (options.find(({ id }) => id === value[0])?.label ?? value[0]) : undefined;
  return (
    <AriaSelect
      className={style.field}
      selectionMode="multiple"
      value={value.length === 0 ? [ALL] : value}
      onChange={(keys) => {
        const chosen = keys.filter((key) => key !== ALL) as Id[];
        onChange(value.length > 0 && keys.includes(ALL) ? [] : chosen);
      }}
    >
      <Label className={style.label}>{label}</Label>
      <Button className={`${style.input} ${style.select}`}>
        <SelectValue>{() => (value.length === 0 ? all : (one ?? some(value.length)))}</SelectValue>
        <Icon name="down" />
      </Button>
      <Popover className={style.popover}>
        <ListBox className={style.options} items={[{ id: ALL, label: all }, ...options]}>
          {({ id, label: text }) => (
            <ListBoxItem id={id} textValue={text} className={style.option}>
              <span className={style.tick}>
                <Icon name="check" size={14} />
              </span>
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

/** Without words beside it, it has an `aria-label`. */
export function Checkbox({ children, ...props }: Omit<CheckboxProps, 'children'> & { children?: ReactNode }) {
  return (
    <AriaCheckbox {...props} className={style.check}>
      {({ isIndeterminate }) => (
        <>
          <span className={style.box}>
            <Icon name={isIndeterminate ? 'minus' : 'check'} size={14} />
          </span>
          {children && <span>{children}</span>}
        </>
      )}
    </AriaCheckbox>
  );
}

interface Checks<Id extends string> {
  name: string;
  label: string;
  options: readonly { id: Id; label: string; hint: string }[];
  value: readonly Id[];
  onChange: (ids: Id[]) => void;
}

/** One or more of a few. */
export function CheckboxGroup<Id extends string>({ label, options, value, onChange, name }: Checks<Id>) {
  return (
    <AriaCheckboxGroup
      name={name}
      value={[...value]}
      onChange={(ids) => onChange(ids as Id[])}
      isRequired
      className={`${style.field} ${style.group}`}
    >
      <Label className={style.label}>{label}</Label>
      {options.map((option) => (
        <Checkbox key={option.id} value={option.id}>
          {option.label}
          <span className="muted small" style={{ display: 'block' }}>
            {option.hint}
          </span>
        </Checkbox>
      ))}
      <FieldProblem />
    </AriaCheckboxGroup>
  );
}
