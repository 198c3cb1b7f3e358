interface Choice {
  id: string;
  label: string;
  description: string;
}

interface ChoiceFieldProps<T extends Choice> {
  id: string;
  label: string;
  choices: readonly T[];
  /** The `id` of the one that is chosen. */
  value: string;
  onChange: (choice: T) => void;
}

/** One of several, with a line that describes it. */
export function ChoiceField<T extends Choice>({ id: fieldId, label, choices, value, onChange }: ChoiceFieldProps<T>) {
  const choose = (id: string): void => {
    const choice = choices.find((each) => each.id === id);
    if (choice) onChange(choice);
  };
  return (
    <div className="choice-field">
      <div className="field-head">
        <label htmlFor={fieldId}>{label}</label>
      </div>
      <select
        id={fieldId}
        value={value}
        onChange={(event) => choose(event.target.value)}
        aria-describedby={`${fieldId}-help`}
      >
        {choices.map((choice) => (
          <option key={choice.id} value={choice.id}>
            {choice.label}
          </option>
        ))}
      </select>
      <p id={`${fieldId}-help`} className="field-help">
        {choices.find(({ id }) => id === value)?.description}
      </p>
    </div>
  );
}
