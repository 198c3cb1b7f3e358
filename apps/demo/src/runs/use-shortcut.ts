import { useEffect } from 'react';

/** Calls back on Alt and a letter, anywhere in the page and whatever the layout of the keyboard. */
export function useShortcut(letter: string, onPress: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return;
      // On a Mac, Alt makes another character of the key.
      if (event.key.toUpperCase() !== letter && event.code !== `Key${letter}`) return;
      event.preventDefault();
      onPress();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [letter, onPress]);
}
