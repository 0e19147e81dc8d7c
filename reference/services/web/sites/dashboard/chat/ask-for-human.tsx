import { mutate } from '../api.ts';
import { useUser } from '../session.tsx';
import { Field, Form } from '../ui/parts.tsx';
import { useTask } from '../use.ts';

/** Hands the conversation over to a person, who answers in it. */
export function AskForHuman({ sessionId, done }: { sessionId: string; done: () => void }) {
  const { tenantId } = useUser();
  const task = useTask<Readonly<Record<string, string>>>(async ({ reason }) => {
    await mutate('escalations.create', { tenantId, sessionId, escalationType: 'user_request', reason });
    return 'Your request was passed on. A person will answer here.';
  });
  if (task.done) {
    return (
      <div className="row">
        <p className="done" role="status">
          {task.done}
        </p>
        <button type="button" className="plain small" onClick={done}>
          Go on
        </button>
      </div>
    );
  }
  return (
    <Form
      label="Talk to a human"
      task={task}
      submit="Ask for a human"
      busy="Passing it on..."
      other={
        <button type="button" className="plain" onClick={done}>
          Cancel
        </button>
      }
    >
      <Field
        label="What do you need help with?"
        name="reason"
        minLength="10"
        maxLength="1000"
        hint="At least ten characters."
        required
      />
    </Form>
  );
}
