import { mutate, query } from '../api.ts';
import { useUser } from '../session.tsx';
import { Choice, Empty, Field, Form, Section, Show } from '../ui/parts.tsx';
import { useLoaded, useTask } from '../use.ts';

interface Widget {
  readonly id: string;
  readonly name: string;
  readonly domainWhitelist: readonly string[];
  readonly settings: {
    readonly theme?: string;
    readonly position?: string;
    readonly greeting?: string;
    readonly primaryColor?: string;
  } | null;
}

const themes = { light: 'Light', dark: 'Dark', auto: 'As the visitor has it' };
const positions = { 'bottom-right': 'Bottom right', 'bottom-left': 'Bottom left' };

/** How the assistant looks on the customer's pages. The first widget is the workspace's own; it is made when first saved. */
export function WidgetSettings() {
  const widget = useLoaded(
    async () => (await query<{ widgets: readonly Widget[] }>('widgets.list', { limit: 1 })).widgets[0] ?? null,
  );
  const { role } = useUser();
  return (
    <Section title="Assistant on your site">
      <Show loaded={widget}>
        {(value) =>
          role === 'member' ? (
            <Empty>These are set by the owner and the admins of your workspace.</Empty>
          ) : (
            <Edit widget={value} saved={widget.reload} />
          )
        }
      </Show>
    </Section>
  );
}

function Edit({ widget, saved }: { widget: Widget | null; saved: () => void }) {
  const task = useTask<Readonly<Record<string, string>>>(async ({ name, domain, ...settings }) => {
    const changed = { name, domainWhitelist: [domain], settings: withoutEmpty(settings) };
    await (widget ? mutate('widgets.update', { id: widget.id, ...changed }) : mutate('widgets.create', changed));
    if (!widget) saved();
    return 'Settings saved.';
  });
  const { theme, position, greeting, primaryColor } = widget?.settings ?? {};
  return (
    <Form label="Assistant on your site" task={task} submit="Save settings">
      <Field
        label="Assistant name"
        name="name"
        maxLength="100"
        defaultValue={widget?.name ?? 'Main Website Widget'}
        required
      />
      <Field
        label="Website"
        name="domain"
        type="url"
        defaultValue={widget?.domainWhitelist[0] ?? 'https://www.example.com'}
        required
      />
      <Field label="Greeting" name="greeting" maxLength="200" defaultValue={greeting ?? ''} />
      <Field label="Main colour" name="primaryColor" type="color" defaultValue={primaryColor ?? '#6366f1'} />
      <Choice label="Widget theme" name="theme" options={themes} defaultValue={theme ?? 'auto'} />
      <Choice label="Position" name="position" options={positions} defaultValue={position ?? 'bottom-right'} />
    </Form>
  );
}

const withoutEmpty = (fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
