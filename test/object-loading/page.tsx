import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { useObject } from '@rivulet/react';
import { createRoot } from 'react-dom/client';
import { z } from 'zod/mini';

const schema = z.object({ title: z.string() });
const jsonSchema = z.toJSONSchema(schema, { io: 'input' });
const client = new LLMClient({ provider: openai({ baseURL: location.origin }), model: 'model-1' });

function Recipe(): React.JSX.Element {
  const { final, error, submit } = useObject({ client, schema, jsonSchema });
  return (
    <>
      <button onClick={() => void submit('A recipe')}>Ask</button>
      <p role="status">{error ? `${error.code}: ${error.message}` : final?.title}</p>
    </>
  );
}

const main = document.body.appendChild(document.createElement('main'));
createRoot(main).render(<Recipe />);
