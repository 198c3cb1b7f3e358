import type { CodeBlockProps } from '@rivulet/react/markdown';
import { CopyButton } from '../../components/CopyButton.tsx';
import { useSay } from './announcer-context.ts';
import './CodeBlock.css';

export function CodeBlock({ code, language, isOpen, children }: CodeBlockProps) {
  const say = useSay();
  return (
    <div className="code-block" data-open={isOpen}>
      <div className="code-block-head">
        <span>{language ?? 'text'}</span>
        {!isOpen && <CopyButton text={code} onResult={say} />}
      </div>
      {/* The keyboard must reach what scrolls. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role */}
      <pre tabIndex={0} role="group" aria-label={language ? `Code, ${language}` : 'Code'}>
        {children}
      </pre>
    </div>
  );
}
