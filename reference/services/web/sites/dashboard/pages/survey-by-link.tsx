import { SurveyForm } from '../chat/survey-form.tsx';
import { given, Outside } from './outside.tsx';

const methods = ['in_widget', 'ai_call', 'sms_link', 'email_link'];

/** Where the link in a message leads: nobody needs to sign in to say how it was. */
export function SurveyByLink({ sessionId }: { sessionId: string }) {
  const method = methods.includes(given('method')) ? given('method') : 'email_link';
  return (
    <Outside title="Your opinion">
      <SurveyForm sessionId={sessionId} method={method} />
    </Outside>
  );
}
