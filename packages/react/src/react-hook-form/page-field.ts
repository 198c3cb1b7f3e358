const TYPED_IN = /^(?:text|search|url|tel|email|password)$/;

/** Whether the caret is in the field: what is written then would move it. */
export function isFocused(name: string): boolean {
  return document.activeElement?.getAttribute('name') === name;
}

/** Whether half a value may be shown there: not in a select, nor in a field for numbers or dates. */
export function isTypedIn(name: string): boolean {
  const [element] = document.getElementsByName(name);
  if (element instanceof HTMLInputElement) return TYPED_IN.test(element.type);
  return !(element instanceof HTMLSelectElement);
}
