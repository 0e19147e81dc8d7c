import { mutate } from '../api.ts';
import { useUser } from '../session.tsx';
import { Choice, Field, Form, Page, Section, Show } from '../ui/parts.tsx';
import { useLoaded, useTask } from '../use.ts';
import { people } from './people.ts';

export function Team() {
  const { role } = useUser();
  const team = useLoaded(people);
  return (
    <Page title="Team" intro="The people of your workspace.">
      {role !== 'member' && <Invite invited={team.reload} />}
      <Section title="People">
        <Show loaded={team}>
          {(rows) => (
            <ul className="list">
              {rows.map(({ id, name, email, role }) => (
                <li key={id}>
                  <span>
                    <strong>{name ?? email}</strong> <span className="note">{email}</span>
                  </span>
                  <span className="note">{role}</span>
                </li>
              ))}
            </ul>
          )}
        </Show>
      </Section>
    </Page>
  );
}

function Invite({ invited }: { invited: () => void }) {
  const task = useTask<Readonly<Record<string, string>>>(async ({ name, email, role }) => {
    await mutate('users.create', { name, email, role });
    invited();
    return `${name} was added. The first sign-in is by way of "Forgot your password?".`;
  });
  return (
    <Section title="Add a person">
      <Form label="Add a person" task={task} submit="Add person" busy="Adding..." resetAfter>
        <Field label="Name" name="name" maxLength="100" required />
        <Field label="Email address" name="email" type="email" required />
        <Choice label="Role" name="role" options={{ member: 'Member', admin: 'Admin' }} />
      </Form>
    </Section>
  );
}
