import { useEffect, useRef, useState } from 'react';
import { useUser } from '../session.tsx';
import { textOf } from '../use.ts';
import { type RoomMessage, RoomSocket, type RoomState } from './socket.ts';
import { merged, storedMessages } from './stored.ts';

/** A message of ours that is on its way, or that did not arrive. */
export interface Outgoing {
  readonly clientId: string;
  readonly content: string;
  readonly problem: string | undefined;
}

export interface Room {
  readonly messages: readonly RoomMessage[];
  readonly outgoing: readonly Outgoing[];
  readonly state: RoomState;
  readonly problem: string | undefined;
  readonly typing: readonly string[];
  readonly say: (content: string, clientId?: string) => void;
  readonly tellTyping: (on: boolean) => void;
  readonly add: (messages: readonly RoomMessage[]) => void;
  readonly reload: () => void;
}

const ackWithinMs = 10_000;
const undelivered = 'Failed to send message. Please try again.';

/** What was said in a session and what is being said now. */
export function useRoom(sessionId: string | undefined): Room {
  const { id: me } = useUser();
  const [messages, setMessages] = useState<readonly RoomMessage[]>([]);
  const [outgoing, setOutgoing] = useState<readonly Outgoing[]>([]);
  const [state, setState] = useState<RoomState>('connecting');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [typing, setTyping] = useState<readonly string[]>([]);
  const [turn, setTurn] = useState(0);
  const socket = useRef<RoomSocket | undefined>(undefined);
  const add = (more: readonly RoomMessage[]) => setMessages((before) => merged(before, more));
  const settle = (clientId: string, why?: string) =>
    setOutgoing((before) =>
      before.flatMap((one) => (one.clientId !== clientId ? [one] : why ? [{ ...one, problem: why }] : [])),
    );
  // Another session or another try is another connection.
  useEffect(() => {
    if (!sessionId) return;
    setMessages([]);
    setProblem(undefined);
    setState('connecting');
    let current = true;
    const load = () => storedMessages(sessionId).then((found) => current && add(found));
    load().catch((error) => current && setProblem(textOf(error)));
    socket.current = new RoomSocket(sessionId, {
      message: (message) => {
        add([message]);
        if (message.clientId) settle(message.clientId);
      },
      typing: (who, on) => {
        if (who !== me) setTyping((before) => [...before.filter((one) => one !== who), ...(on ? [who] : [])]);
      },
      state: (next, why) => {
        setState(next);
        if (next === 'refused') setProblem(`This conversation cannot be joined. ${why ?? ''}`);
      },
      outcome: settle,
    });
    return () => {
      current = false;
      socket.current?.close();
    };
  }, [sessionId, turn]);
  const say = (content: string, clientId: string = crypto.randomUUID()) => {
    const sent = socket.current?.say(clientId, content) ?? false;
    const one = { clientId, content, problem: sent ? undefined : undelivered };
    setOutgoing((before) => [...before.filter((other) => other.clientId !== clientId), one]);
    if (sent) setTimeout(() => settleLate(setOutgoing, clientId), ackWithinMs);
  };
  const tellTyping = (on: boolean) => socket.current?.typing(on);
  const reload = () => setTurn((before) => before + 1);
  return { messages, outgoing, state, problem, typing, say, tellTyping, add, reload };
}

type SetOutgoing = (next: (before: readonly Outgoing[]) => readonly Outgoing[]) => void;

/** Nobody answered for it, so nobody may be told it arrived. */
const settleLate = (setOutgoing: SetOutgoing, clientId: string) =>
  setOutgoing((before) => before.map((one) => (one.clientId === clientId ? { ...one, problem: undelivered } : one)));
