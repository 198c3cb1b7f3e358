import type { ProviderInfo } from '../../shared/llm-endpoint.ts';
import type { PageEntry } from '../pages/pages.ts';
import { DrawerButton } from '../runs/DrawerButton.tsx';
import { Brand } from './Brand.tsx';
import { ModelBadge } from './ModelBadge.tsx';
import { ThemeToggle } from './ThemeToggle.tsx';
import './Header.css';

interface HeaderProps {
  pages: readonly PageEntry[];
  current: PageEntry;
  /** Whom the page asks; nobody yet while it starts. */
  provider: ProviderInfo | undefined;
  isDrawerOpen: boolean;
  onToggleDrawer: () => void;
}

export function Header({ pages, current, provider, isDrawerOpen, onToggleDrawer }: HeaderProps) {
  return (
    <header className="header">
      <div className="header-inner">
        <Brand />
        <nav aria-label="Pages">
          <ul className="header-pages">
            {pages.map((page) => (
              <li key={page.path}>
                <a href={`#/${page.path}`} aria-current={page === current ? 'page' : undefined}>
                  {page.title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div className="header-end">
          {provider && <ModelBadge provider={provider} />}
          <DrawerButton isOpen={isDrawerOpen} onToggle={onToggleDrawer} />
          <ThemeToggle />
        </div>
      </div>
    </header>
  );
}
