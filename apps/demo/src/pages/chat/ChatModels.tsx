import type { ProviderInfo } from '../../../shared/llm-endpoint.ts';

interface ChatModelsProps {
  providers: readonly ProviderInfo[];
  provider: ProviderInfo;
  model: string;
  onProvider: (provider: ProviderInfo) => void;
  onModel: (model: string) => void;
}

/** Whom the next message goes to. */
export function ChatModels({ providers, provider, model, onProvider, onModel }: ChatModelsProps) {
  const choose = (id: string): void => {
    const chosen = providers.find((one) => one.id === id);
    if (chosen) onProvider(chosen);
  };
  return (
    <div className="chat-models">
      {providers.length > 1 && (
        <select aria-label="Provider" value={provider.id} onChange={(event) => choose(event.target.value)}>
          {providers.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      )}
      <select aria-label="Model" value={model} onChange={(event) => onModel(event.target.value)}>
        {provider.models.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}
