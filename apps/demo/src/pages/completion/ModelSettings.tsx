import type { LLMStatus } from '../../../shared/llm-endpoint.ts';
import { ModelField } from './ModelField.tsx';
import { TemperatureField } from './TemperatureField.tsx';
import './ModelSettings.css';

export interface Settings {
  model: string;
  /** `null` sends none: the provider's own default holds. */
  temperature: number | null;
}

interface ModelSettingsProps {
  status: LLMStatus;
  settings: Settings;
  onChange: (settings: Settings) => void;
}

export function ModelSettings({ status, settings, onChange }: ModelSettingsProps) {
  return (
    <section className="model-settings" aria-label="Settings">
      <ModelField
        models={status.models}
        value={settings.model}
        onChange={(model) => onChange({ ...settings, model })}
      />
      <TemperatureField
        value={settings.temperature}
        onChange={(temperature) => onChange({ ...settings, temperature })}
      />
    </section>
  );
}
