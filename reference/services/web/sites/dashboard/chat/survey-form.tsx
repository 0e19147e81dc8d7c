import { useState } from 'react';
import { mutate } from '../api.ts';
import { useSession } from '../session.tsx';
import { Field, Form } from '../ui/parts.tsx';
import { useTask } from '../use.ts';

interface Given {
  readonly sessionId: string;
  readonly method: string;
  /** Whose customer is asked; the signed-in user's tenant unless said. */
  readonly tenantId?: string;
  readonly done: () => void;
  readonly later?: () => void;
}

/** How was it? Nothing but the stars is asked for, and they may be left out. */
export function SurveyForm({ sessionId, method, tenantId, done, later }: Given) {
  const { user } = useSession();
  const task = useTask<Readonly<Record<string, string>>>(async ({ rating, solved, feedback }) => {
    await mutate('surveys.create', {
      tenantId: tenantId ?? user?.tenantId,
      sessionId,
      surveyMethod: method,
      ...(rating ? { experienceRating: Number(rating) } : {}),
      ...(solved ? { problemSolved: solved === 'yes' } : {}),
      ...(feedback ? { feedbackText: feedback } : {}),
    });
    return 'Thank you for your feedback.';
  });
  if (task.done) {
    return (
      <>
        <p className="done" role="status">
          {task.done}
        </p>
        <button type="button" className="plain" onClick={done}>
          Start a new conversation
        </button>
      </>
    );
  }
  return (
    <Form
      label="How was your experience?"
      task={task}
      submit="Submit Feedback"
      busy="Sending..."
      other={
        later && (
          <button type="button" className="plain" onClick={later}>
            Later
          </button>
        )
      }
    >
      <h3>How was your experience?</h3>
      <Stars />
      <fieldset className="row">
        <legend>Was your problem solved?</legend>
        <label className="check">
          <input type="radio" name="solved" value="yes" />
          Yes
        </label>
        <label className="check">
          <input type="radio" name="solved" value="no" />
          No
        </label>
      </fieldset>
      <Field label="Anything else?" name="feedback" rows={2} maxLength="1000" />
    </Form>
  );
}

function Stars() {
  const [rating, setRating] = useState(0);
  return (
    <fieldset className="row stars">
      <legend>Your rating</legend>
      <input type="hidden" name="rating" value={rating || ''} />
      {[1, 2, 3, 4, 5].map((stars) => (
        <button
          type="button"
          key={stars}
          className="star"
          aria-label={`Rate ${stars} stars`}
          aria-pressed={rating === stars}
          onClick={() => setRating(stars)}
        >
          {stars <= rating ? '★' : '☆'}
        </button>
      ))}
    </fieldset>
  );
}
