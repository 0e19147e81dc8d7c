import { Field, Form, Page, Section } from '../ui/parts.tsx';
import { useTask } from '../use.ts';

/** Meetings are held on a site of their own, whose address the page was built with. */
const meetingSite = document.querySelector('meta[name="meeting-site"]')?.getAttribute('content') || '';

export function Rooms() {
  const task = useTask<Readonly<Record<string, string>>>(async ({ room }) => {
    const id =
      (room ?? '')
        .trim()
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '') || crypto.randomUUID();
    location.assign(new URL(encodeURIComponent(id), meetingSite));
  });
  return (
    <Page
      title="Rooms"
      intro="Meet with video and audio. Whoever has the address of a room and belongs to your workspace can join."
    >
      <Section title="Create a room">
        <Form label="Create a room" task={task} submit="Create Room" busy="Opening...">
          <Field label="Room name" name="room" maxLength="60" hint="Left empty, the room gets a name of its own." />
        </Form>
      </Section>
    </Page>
  );
}
