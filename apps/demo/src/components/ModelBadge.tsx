import type { ProviderInfo } from '../../shared/llm-endpoint.ts';
import './ModelBadge.css';

/** Says whether a real model answers. */
export function ModelBadge({ provider: { mode, models, host } }: { provider: ProviderInfo }) {
  const [name, more] = {
    offline: ['Offline', 'demo model'],
    scripted: ['Scripted', 'demo'],
    provider: [models[0]?.label, `at ${host}`],
  }[mode];
  return (
    <p className="model-badge" data-mode={mode}>
      {name}
      <span className="model-badge-more"> {more}</span>
    </p>
  );
}
