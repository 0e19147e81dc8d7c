import { useState } from 'react';
import { SurveyForm } from '../chat/survey-form.tsx';
import { given, Outside } from './outside.tsx';

const methods = ['in_widget', 'ai_call', 'sms_link', 'email_link'];

/** Where the link in a message leads: nobody needs to sign in to say how it was. */
export function SurveyByLink({ sessionId }: { sessionId: string }) {
  const [done, setDone] = useState(false);
  const method = methods.includes(given('method')) ? given('method') : 'email_link';
  const tenant = given('tenant') || given('tenantId');
  return (
    <Outside title="Your opinion">
      {done ? (
        <p role="status">You can close this page now.</p>
      ) : (
        <SurveyForm
          sessionId={sessionId}
          method={method}
          {...(tenant ? { tenantId: tenant } : {})}
          done={() => setDone(true)}
        />
      )}
    </Outside>
  );
}
