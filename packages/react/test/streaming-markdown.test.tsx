import { StreamingMarkdown } from '@rivulet/react/markdown';
import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { failOnConsoleErrors } from './support/react-warnings.ts';

failOnConsoleErrors();

test('smoke', () => {
  const all = '# Title\n\nA **bold** [link](https://a.example/x) and ![img](https://evil.example/x.png).\n\n```js\nlet a = 1;\n\nlet b;\n```\n\n- one\n- two [^1]\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n[^1]: The note.\n\n<b>raw</b> [ref]\n\n[ref]: javascript:alert(1)\n';
  const { container, rerender } = render(<StreamingMarkdown text="" isStreaming />);
  for (let i = 1; i <= all.length; i += 1) {
    rerender(<StreamingMarkdown text={all.slice(0, i)} isStreaming />);
    if (i % 13 === 0) console.log(JSON.stringify(all.slice(Math.max(0, i - 30), i)), container.innerHTML.slice(-200));
  }
  rerender(<StreamingMarkdown text={all} />);
  console.log(container.innerHTML);
  expect(1).toBe(1);
});
