import { useState } from 'react';

interface Given {
  readonly label: string;
  readonly busy?: boolean;
  readonly say: (content: string) => unknown;
  readonly typing?: (on: boolean) => void;
}

export function Composer({ label, busy = false, say, typing }: Given) {
  const [text, setText] = useState('');
  return (
    <form
      className="composer"
      aria-label="Send a message"
      onSubmit={(event) => {
        event.preventDefault();
        const content = text.trim();
        if (!content || busy) return;
        setText('');
        typing?.(false);
        void say(content);
      }}
    >
      <input
        aria-label={label}
        placeholder="Type your message..."
        autoComplete="off"
        maxLength="10000"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          typing?.(event.currentTarget.value !== '');
        }}
      />
      <button type="submit" disabled={busy}>
        Send
      </button>
    </form>
  );
}
