import { isRecord, type Verify } from './calls.ts';
import type { Person } from './given.ts';

/** What makes an answer the right one, by the contract alone: it is mine, it is whole, and nothing of anybody else is in it. */

export function isMe({ email }: Person): Verify {
  return (data) => {
    if (!isRecord(data) || typeof data.email !== 'string') return 'wrong-answer';
    return data.email === email ? '' : 'foreign-user';
  };
}

export function isSession(id: string): Verify {
  return (data) => {
    if (!isRecord(data) || typeof data.id !== 'string') return 'wrong-answer';
    return data.id === id ? '' : 'foreign-session';
  };
}

export function isList(name: string): Verify {
  return (data) => (isRecord(data) && Array.isArray(data[name]) ? '' : 'wrong-answer');
}

export function all(...each: readonly Verify[]): Verify {
  return (data) => {
    if (!Array.isArray(data) || data.length !== each.length) return 'wrong-answer';
    return each.map((verify, i) => verify(data[i])).find((wrong) => wrong !== '') ?? '';
  };
}

/** Carries who asked, so that an answer to somebody else is known by it. */
export function questionMark(person: Person, nonce: string): string {
  return `sdq${person.run}i${person.index}x${nonce}`;
}

const anyQuestion = /sdq([0-9a-f]{8})i(\d+)x[0-9a-z]+/g;

export function isAnswerTo(person: Person, content: string): Verify {
  return (data) => {
    if (!isRecord(data) || !isRecord(data.userMessage) || !isRecord(data.assistantMessage)) return 'wrong-answer';
    if (data.userMessage.content !== content) return 'foreign-answer';
    const answer = data.assistantMessage.content;
    if (typeof answer !== 'string' || answer === '' || data.assistantMessage.role !== 'assistant')
      return 'wrong-answer';
    const foreign = [...answer.matchAll(anyQuestion)].some(
      ([, run, asker]) => run === person.run && Number(asker) !== person.index,
    );
    return foreign ? 'foreign-answer' : '';
  };
}

const anyKnowledge = /sdk[0-9a-f]{16}/g;

export function isFound({ knowledge, run }: Person): Verify {
  return (data) => {
    if (!isRecord(data) || !Array.isArray(data.results)) return 'wrong-answer';
    const marks: string[] = JSON.stringify(data.results).match(anyKnowledge) ?? [];
    if (marks.some((mark) => mark.startsWith(`sdk${run}`) && mark !== knowledge?.mark)) return 'foreign-result';
    return marks.includes(String(knowledge?.mark)) ? '' : 'not-found';
  };
}
