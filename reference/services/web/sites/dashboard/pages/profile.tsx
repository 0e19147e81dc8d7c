import { mutate, query } from '../api.ts';
import { useSession } from '../session.tsx';
import { Field, Form, Page, Section, Show, when } from '../ui/parts.tsx';
import { useLoaded, useTask } from '../use.ts';

interface Me {
  readonly name: string | null;
  readonly email: string;
  readonly role: string;
  readonly avatarUrl: string | null;
  readonly createdAt: string;
}

export function Profile() {
  const me = useLoaded(() => query<Me>('users.me'));
  return (
    <Page title="Profile">
      <Section title="About you">
        <Show loaded={me}>{(value) => <Edit me={value} />}</Show>
      </Section>
    </Page>
  );
}

function Edit({ me }: { me: Me }) {
  const { refresh } = useSession();
  const task = useTask<Readonly<Record<string, string>>>(async ({ name, avatarUrl }) => {
    await mutate('users.updateMe', { name, ...(avatarUrl ? { avatarUrl } : {}) });
    await refresh();
    return 'Profile saved.';
  });
  return (
    <>
      <Form label="Profile" task={task} submit="Save profile">
        <Field
          label="Name"
          id="name"
          name="name"
          maxLength="100"
          autoComplete="name"
          defaultValue={me.name ?? ''}
          required
        />
        <Field
          label="Picture address"
          name="avatarUrl"
          type="url"
          defaultValue={me.avatarUrl ?? ''}
          hint="The web address of a picture; may be left empty."
        />
      </Form>
      <dl>
        <dt>Email address</dt>
        <dd>{me.email}</dd>
        <dt>Role</dt>
        <dd>{me.role}</dd>
        <dt>Member since</dt>
        <dd>{when(me.createdAt)}</dd>
      </dl>
    </>
  );
}
