import { useState } from 'react';
import { mutate, query, Refusal } from '../api.ts';
import { useSession } from '../session.tsx';
import { Field, Form } from '../ui/parts.tsx';
import { useTask } from '../use.ts';

interface Given {
  readonly sessionId: string;
  readonly method: string;
  readonly done: () => void;
  readonly later?: () => void;
}

/** How was it? Stars or a yes or no are enough. */
export function SurveyForm({ sessionId, method, done, later }: Given) {
  const { user } = useSession();
  const task = useTask<Readonly<Record<string, string>>>(async ({ rating, solved, feedback }) => {
    const answers = {
      ...(rating ? { experienceRating: Number(rating) } : {}),
      ...(solved ? { problemSolved: solved === 'yes' } : {}),
      ...(feedback ? { feedbackText: feedback } : {}),
    };
    if (!rating && !solved)
      throw new Refusal('REFUSED', 'Please choose some stars, or say whether your problem was solved.');
    await hand(answers, { tenantId: user?.tenantId, sessionId, surveyMethod: method });
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

interface Offered {
  readonly id: string;
  readonly surveyCompleted: boolean;
  readonly refusedToRate: boolean;
}

/** Answers the survey that was offered for this conversation; where none was, and we know whose customer is asked, makes one. */
async function hand(
  answers: object,
  about: { readonly tenantId: string | undefined; readonly sessionId: string; readonly surveyMethod: string },
): Promise<void> {
  const offered = await query<Offered | undefined>('surveys.getBySession', { sessionId: about.sessionId });
  const open = offered && !offered.surveyCompleted && !offered.refusedToRate;
  if (open) await mutate('surveys.update', { surveyId: offered.id, ...answers });
  else if (about.tenantId) await mutate('surveys.create', { ...about, ...answers });
  else throw new Refusal('REFUSED', 'This survey is over. Thank you all the same.');
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
