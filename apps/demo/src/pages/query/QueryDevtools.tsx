import { ReactQueryDevtoolsPanel } from '@tanstack/react-query-devtools/production';
import { useCallback, useState } from 'react';
import { createPortal } from 'react-dom';
import { takeStyles } from './take-styles.ts';
import { usePageTheme } from './use-page-theme.ts';

/** The devtools in a root of their own, so that neither their styles nor the page's reach the other. */
export function QueryDevtools() {
  const [root, setRoot] = useState<ShadowRoot | null>(null);
  const theme = usePageTheme();
  const attach = useCallback((host: HTMLDivElement | null) => {
    if (!host) return;
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
    takeStyles(shadow);
    setRoot(shadow);
  }, []);
  return (
    <div ref={attach} className="query-devtools-host">
      {root && createPortal(<ReactQueryDevtoolsPanel shadowDOMTarget={root} theme={theme} />, root)}
    </div>
  );
}
