import type { ModelInfo } from '../../../shared/llm-endpoint.ts';

interface ModelFieldProps {
  models: readonly ModelInfo[];
  value: string;
  onChange: (model: string) => void;
}

export function ModelField({ models, value, onChange }: ModelFieldProps) {
  return (
    <div className="model-field">
      <div className="field-head">
        <label htmlFor="model">Model</label>
      </div>
      <select id="model" value={value} onChange={(event) => onChange(event.target.value)} aria-describedby="model-help">
        {models.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
      <p id="model-help" className="field-help">
        {models.find(({ id }) => id === value)?.description}
      </p>
    </div>
  );
}
