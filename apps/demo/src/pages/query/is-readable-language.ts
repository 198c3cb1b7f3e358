/**
 * Whether the devtools can read this `navigator.language`. They pass it to `Intl.Locale` while they load, which throws for
 * "en-US@posix" (Chromium started with `LANG=C`), "C" or "de_DE". An empty language means English to them.
 */
export function isReadableLanguage(language: string | undefined): boolean {
  if (!language) return true;
  try {
    return Intl.getCanonicalLocales(language).length > 0;
  } catch {
    return false;
  }
}
