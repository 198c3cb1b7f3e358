import type { ProviderInfo } from '../../shared/llm-endpoint.ts';
import { ChoiceField } from './ChoiceField.tsx';
import { TemperatureField } from './TemperatureField.tsx';
import './ModelSettings.css';

export interface Settings {
  model: string;
  /** `null` sends none: the provider's own default holds. */
  temperature: number | null;
}

interface ModelSettingsProps {
  providers: readonly ProviderInfo[];
  provider: ProviderInfo;
  settings: Settings;
  onProvider: (provider: ProviderInfo) => void;
  onChange: (settings: Settings) => void;
}

export function ModelSettings({ providers, provider, settings, onProvider, onChange }: ModelSettingsProps) {
  return (
    <section className="model-settings" aria-label="Settings">
      {providers.length > 1 && (
        <ChoiceField id="provider" label="Provider" choices={providers} value={provider.id} onChange={onProvider} />
      )}
      <ChoiceField
        id="model"
        label="Model"
        choices={provider.models}
        value={settings.model}
        onChange={({ id }) => onChange({ ...settings, model: id })}
      />
      <TemperatureField
        value={settings.temperature}
        onChange={(temperature) => onChange({ ...settings, temperature })}
      />
    </section>
  );
}
