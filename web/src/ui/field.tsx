import { useId, type ComponentProps, type ReactNode } from 'react';
import { CircleAlert } from './icons.ts';

/** A labelled input with its hint and its error below; the error takes the hint's place, so nothing moves. */
export function Field({ label, hint, error, end, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className="field" data-bad={error === undefined ? undefined : ''}>
      <label htmlFor={id}>{label}</label>
      <div className="field-box">
        <input
          dir="auto"
          {...rest}
          id={id}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-note`}
        />
        {end}
      </div>
      <FieldNote id={`${id}-note`} hint={hint} error={error} />
    </div>
  );
}

/** The same for several lines. */
export function AreaField({ label, hint, error, ...rest }: AreaProps) {
  const id = useId();
  return (
    <div className="field" data-bad={error === undefined ? undefined : ''}>
      <label htmlFor={id}>{label}</label>
      <div className="field-box">
        <textarea
          dir="auto"
          rows={4}
          {...rest}
          id={id}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-note`}
        />
      </div>
      <FieldNote id={`${id}-note`} hint={hint} error={error} />
    </div>
  );
}

function FieldNote({ id, hint, error }: { id: string } & Notes) {
  return (
    <p id={id} className="field-note" aria-live="polite">
      {error === undefined ? (
        hint
      ) : (
        <>
          <CircleAlert aria-hidden="true" /> {error}
        </>
      )}
    </p>
  );
}

interface Notes {
  hint?: string | undefined;
  error?: string | undefined;
}

interface FieldProps extends ComponentProps<'input'>, Notes {
  label: string;
  end?: ReactNode;
}

interface AreaProps extends ComponentProps<'textarea'>, Notes {
  label: string;
}
