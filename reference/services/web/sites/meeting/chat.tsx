import { type Happening, useState } from 'react';
import type { Line } from './call.ts';

export function Chat({ lines, send }: { lines: readonly Line[]; send: (text: string) => Promise<void> }) {
  const [text, setText] = useState('');
  const submit = (event: Happening<HTMLElement>) => {
    event.preventDefault();
    if (text.trim() !== '') void send(text.trim());
    setText('');
  };
  return (
    <section className="card" aria-label="Chat">
      <h2>Chat</h2>
      <ol className="lines" role="log" aria-label="Chat messages">
        {lines.map(({ from, text: said, own }, index) => (
          <li key={index} className={own ? 'own' : ''}>
            <strong>{from}</strong> {said}
          </li>
        ))}
      </ol>
      <form className="row" onSubmit={submit}>
        <input
          aria-label="Message"
          placeholder="Type your message..."
          value={text}
          onChange={({ target }: Happening<HTMLInputElement>) => setText(target.value)}
        />
        <button type="submit">Send</button>
      </form>
    </section>
  );
}
