import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { useObjectForm } from '@rivulet/react/react-hook-form';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useForm } from 'react-hook-form';
import { z } from 'zod/mini';

const schema = z.object({ title: z.string() });
const jsonSchema = z.toJSONSchema(schema, { io: 'input' });
const client = new LLMClient({ provider: openai({ baseURL: location.origin }), model: 'model-1' });

function Recipe(): React.JSX.Element {
  const form = useForm({ defaultValues: { title: '' } });
  const { fill } = useObjectForm({ form, schema, jsonSchema, client });
  const [isHere, setIsHere] = useState(false);
  return (
    <>
      <input aria-label="Title" {...form.register('title')} />
      <button onClick={() => void fill('A recipe').then((recipe) => setIsHere(!!recipe))}>Ask</button>
      <p role="status">{isHere && `here: ${form.getValues('title')}`}</p>
    </>
  );
}

const main = document.body.appendChild(document.createElement('main'));
createRoot(main).render(<Recipe />);
