import { useState } from 'react';

const START = 0.7;

interface TemperatureFieldProps {
  value: number | null;
  onChange: (temperature: number | null) => void;
}

export function TemperatureField({ value, onChange }: TemperatureFieldProps) {
  // Comes back when the choice is taken back from the provider.
  const [chosen, setChosen] = useState(value ?? START);
  const isDefault = value === null;

  const choose = (temperature: number): void => {
    setChosen(temperature);
    onChange(temperature);
  };

  return (
    <div className="temperature-field">
      <div className="field-head">
        <label htmlFor="temperature">Temperature</label>
        <span className="field-value">{isDefault ? 'provider’s' : chosen.toFixed(1)}</span>
      </div>
      <input
        id="temperature"
        type="range"
        min={0}
        max={2}
        step={0.1}
        value={chosen}
        disabled={isDefault}
        aria-valuetext={isDefault ? 'the provider’s default' : chosen.toFixed(1)}
        onChange={(event) => choose(event.target.valueAsNumber)}
      />
      <label className="temperature-default">
        <input
          type="checkbox"
          checked={isDefault}
          onChange={(event) => onChange(event.target.checked ? null : chosen)}
        />
        Leave it to the provider
      </label>
    </div>
  );
}
