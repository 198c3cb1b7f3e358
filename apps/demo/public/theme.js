// The remembered theme, or else the system's; `src/components/use-theme.ts` writes it.
{
  let remembered = null;
  try {
    remembered = localStorage.getItem('rivulet-theme');
  } catch {
    // Storage may be forbidden: then nothing is remembered.
  }
  const isDark = remembered ? remembered === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
}
