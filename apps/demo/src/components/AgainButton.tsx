import { useWait } from '../pages/completion/use-wait.ts';

interface AgainButtonProps {
  label: string;
  /** How long the server asked to wait, in ms: until then the button is not offered. Default 0. */
  waitMs?: number | undefined;
  onPress: () => void;
}

export function AgainButton({ label, waitMs = 0, onPress }: AgainButtonProps) {
  const seconds = useWait(waitMs);
  if (seconds > 0) return null;
  return (
    <button type="button" className="button-quiet" onClick={onPress}>
      {label}
    </button>
  );
}
