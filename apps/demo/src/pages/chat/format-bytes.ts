const KILO = 1000;

export function formatBytes(bytes: number): string {
  if (bytes < KILO) return `${Math.round(bytes)} B`;
  if (bytes < KILO * KILO) return `${Math.round(bytes / KILO)} kB`;
  return `${(bytes / KILO / KILO).toFixed(1)} MB`;
}
