import { useState } from 'react';
import { AssistantPanel } from './panel.tsx';

const key = 'assistant-open';

/** Open or not is remembered for this window, so that a reload does not close a conversation. */
export function ChatButton() {
  const [open, setOpen] = useState(() => sessionStorage.getItem(key) === 'yes');
  const turn = (next: boolean) => {
    sessionStorage.setItem(key, next ? 'yes' : 'no');
    setOpen(next);
  };
  return (
    <div className="chat">
      {open ? (
        <AssistantPanel close={() => turn(false)} />
      ) : (
        <button type="button" onClick={() => turn(true)}>
          Open chat
        </button>
      )}
    </div>
  );
}
