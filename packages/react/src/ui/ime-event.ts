/** As much of a keyboard event as is looked at: React's or the browser's. */
export interface KeyEventLike {
  readonly isComposing?: boolean | undefined;
  readonly keyCode?: number | undefined;
  readonly nativeEvent?:
    | { readonly isComposing?: boolean | undefined; readonly keyCode?: number | undefined }
    | undefined;
}

/**
 * Whether a key press belongs to an input method (Japanese, Chinese, Korean, dead keys), so that Enter picks a word and
 * sends nothing, and Escape drops one.
 *
 * Safari ends the composition before it tells of the key; only the key code 229 is left then.
 * https://developer.mozilla.org/en-US/docs/Web/API/Element/keydown_event#keydown_events_with_ime
 */
export function isImeEvent(event: KeyEventLike): boolean {
  const { isComposing, keyCode } = event.nativeEvent ?? event;
  return isComposing === true || keyCode === 229;
}
