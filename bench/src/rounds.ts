/** How often everything is measured: `ROUNDS` in the environment, or what is usual. */
export function rounds(usual: number): number {
  return Number(process.env['ROUNDS'] ?? usual);
}
