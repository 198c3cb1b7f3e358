'use client';

import { createToolInput, type ToolInput } from '@rivulet/core/chat';
import { useState } from 'react';

/** The arguments of a tool call while they come: their value so far, and how far each path is. */
export function useToolInput(call: { readonly id: string; readonly rawInput: string }): ToolInput {
  const [read] = useState(createToolInput);
  return read(call);
}
