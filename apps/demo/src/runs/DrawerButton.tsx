import './DrawerButton.css';

interface DrawerButtonProps {
  isOpen: boolean;
  onToggle: () => void;
}

/** Opens the drawer of runs, and closes it. */
export function DrawerButton({ isOpen, onToggle }: DrawerButtonProps) {
  return (
    <button
      type="button"
      className="button-round drawer-button"
      aria-label="Activity"
      aria-expanded={isOpen}
      aria-controls="activity"
      aria-keyshortcuts="Alt+A"
      title="Activity (Alt A)"
      onClick={onToggle}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M6 5v14M11 6h8M11 12h5M11 18h8" />
        <circle cx="6" cy="6" r="2.25" />
        <circle cx="6" cy="12" r="2.25" />
        <circle cx="6" cy="18" r="2.25" />
      </svg>
    </button>
  );
}
