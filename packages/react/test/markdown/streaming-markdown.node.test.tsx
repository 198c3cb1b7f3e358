import { StreamingMarkdown } from '@rivulet/react/markdown';
import { StrictMode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

test('renders on a server', () => {
  const html = renderToStaticMarkup(
    <StrictMode>
      <StreamingMarkdown text={'# A\n\n**b** [c](/d) ![e](https://f.example/)\n\n- [ ] g'} />
    </StrictMode>,
  );
  expect(html).toContain('<h1>A</h1><p><strong>b</strong> <a href="/d">c</a> e</p><ul class="contains-task-list">');
});

test('renders what is there of a stream on a server', () => {
  expect(renderToStaticMarkup(<StreamingMarkdown text={'A **bold [li'} isStreaming />)).toBe(
    '<p>A <strong>bold li</strong></p>',
  );
});
