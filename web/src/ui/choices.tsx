import { useId } from 'react';

/** One of a few, each with a sentence; plain radio buttons underneath. */
export function Choices<T extends string>({
  legend,
  legendShown = true,
  value,
  options,
  disabled = false,
  onChoose,
}: ChoicesProps<T>) {
  const name = useId();
  return (
    <fieldset className="choices" disabled={disabled}>
      <legend className={legendShown ? undefined : 'unseen'}>{legend}</legend>
      {options.map((option) => (
        <label key={option.value} className="choice">
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          <span className="choice-text">
            <span>{option.label}</span>
            {option.what === undefined ? null : <small>{option.what}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface ChoicesProps<T extends string> {
  legend: string;
  /** False where a heading above already says it. */
  legendShown?: boolean;
  value: T | undefined;
  options: readonly { value: T; label: string; what?: string }[];
  disabled?: boolean;
  onChoose: (value: T) => void;
}
