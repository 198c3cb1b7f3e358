export function Seconds({ count }: { count: number }) {
  return (
    <>
      <strong>{count}</strong> {count === 1 ? 'second' : 'seconds'}
    </>
  );
}
