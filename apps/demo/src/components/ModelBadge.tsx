import type { LLMStatus } from '../../shared/llm-endpoint.ts';
import './ModelBadge.css';

/** Says whether a real model answers. */
export function ModelBadge({ status }: { status: LLMStatus }) {
  const isOffline = status.mode === 'offline';
  return (
    <p className="model-badge" data-mode={status.mode}>
      {isOffline ? (
        <>
          Offline<span className="model-badge-more"> demo model</span>
        </>
      ) : (
        <>
          {status.models[0]?.label}
          <span className="model-badge-more"> at {status.host}</span>
        </>
      )}
    </p>
  );
}
