import { formatBytes } from './format-bytes.ts';

const MAX_FILES = 8;
const MAX_BYTES = 4_000_000;

/** These files with others, as far as a message can hold them, and in words what it cannot. */
export function addFiles(files: readonly File[], added: readonly File[]): { kept: readonly File[]; refused: string } {
  const kept = [...files];
  const refused: string[] = [];
  let bytes = files.reduce((sum, { size }) => sum + size, 0);
  for (const file of added) {
    if (kept.length >= MAX_FILES || bytes + file.size > MAX_BYTES) refused.push(file.name);
    else {
      kept.push(file);
      bytes += file.size;
    }
  }
  if (refused.length === 0) return { kept, refused: '' };
  const limits = `A message holds ${MAX_FILES} files and ${formatBytes(MAX_BYTES)} at most.`;
  return { kept, refused: `${limits} Left out: ${refused.join(', ')}.` };
}
