/** Speaks short messages to screen readers. It stays mounted: a region that appears with its text is often not read. */
export function LiveRegion({ message }: { message: string }) {
  return (
    // Screen readers know the role for longer than they know <output>.
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
    <p role="status" className="visually-hidden">
      {message}
    </p>
  );
}
