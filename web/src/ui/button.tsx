import type { ComponentProps } from 'react';
import type { Icon } from './icons.ts';

/** A button with a word. `tone` says how much it weighs; `busy` keeps its size and refuses a second press. */
export function Button({
  tone = 'quiet',
  busy = false,
  icon: Sign,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`button ${rest.className ?? ''}`}
      data-tone={tone}
      aria-disabled={busy || rest.disabled || undefined}
      onClick={busy ? (event) => event.preventDefault() : rest.onClick}
    >
      {Sign === undefined ? null : <Sign aria-hidden="true" />}
      <span>{children}</span>
    </button>
  );
}

/** A button that is only a sign; `label` is its name and its tooltip. */
export function IconButton({ label, icon: Sign, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`icon-button ${rest.className ?? ''}`}
      aria-label={label}
      title={label}
    >
      <Sign aria-hidden="true" />
    </button>
  );
}

interface ButtonProps extends ComponentProps<'button'> {
  tone?: 'main' | 'accept' | 'quiet' | 'danger' | 'bare';
  busy?: boolean;
  icon?: Icon;
}

interface IconButtonProps extends ComponentProps<'button'> {
  label: string;
  icon: Icon;
}
