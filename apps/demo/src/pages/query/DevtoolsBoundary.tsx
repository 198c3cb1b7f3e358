import { Component, type ReactNode } from 'react';

interface DevtoolsBoundaryProps {
  readonly children: ReactNode;
}

/** Keeps the page when the devtools do not load or do not render. */
export class DevtoolsBoundary extends Component<DevtoolsBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return <p className="query-devtools-note">The devtools did not load. Reload the page to try again.</p>;
  }
}
