'use client';

import { createToolInput, type Tool, type ToolInput } from '@rivulet/core/chat';
import { useState } from 'react';

/**
 * The arguments of a tool call while they come: their value so far, and how far each path is.
 *
 * @param tool takes out the nulls that models write for absent arguments. Without it they stay in the value.
 */
export function useToolInput(
  call: { readonly id: string; readonly rawInput: string },
  tool?: Pick<Tool, 'readInput'>,
): ToolInput {
  const [read] = useState(() => createToolInput(tool));
  return read(call);
}
