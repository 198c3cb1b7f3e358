import type { PageEntry } from '../pages/pages.ts';
import { Brand } from './Brand.tsx';
import { ModelBadge } from './ModelBadge.tsx';
import { ThemeToggle } from './ThemeToggle.tsx';
import type { StatusState } from './use-llm-status.ts';
import './Header.css';

interface HeaderProps {
  pages: readonly PageEntry[];
  current: PageEntry;
  status: StatusState;
}

export function Header({ pages, current, status }: HeaderProps) {
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
          {status.state === 'ready' && <ModelBadge status={status.value} />}
          <ThemeToggle />
        </div>
      </div>
    </header>
  );
}
