import { useId } from 'react';

/** One of a few, each with a sentence; plain radio buttons underneath. */
export function Choices<T extends string>({
  legend,
  value,
  options,
  disabled = false,
  onChoose,
}: ChoicesProps<T>) {
  const name = useId();
  return (
    <fieldset className="choices" disabled={disabled}>
      <legend>{legend}</legend>
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
  value: T | undefined;
  options: readonly { value: T; label: string; what?: string }[];
  disabled?: boolean;
  onChoose: (value: T) => void;
}
