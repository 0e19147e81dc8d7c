import { query } from '../api.ts';
import { Link } from '../router.tsx';
import { useUser } from '../session.tsx';
import { Page, Section, Show } from '../ui/parts.tsx';
import { useLoaded } from '../use.ts';

interface Figure {
  readonly title: string;
  readonly to: string;
  readonly procedure: string;
}

const figures: readonly Figure[] = [
  { title: 'Open conversations', to: '/conversations', procedure: 'sessions.list' },
  { title: 'Documents', to: '/knowledge', procedure: 'knowledge.list' },
  { title: 'People', to: '/team', procedure: 'users.list' },
];

export function Home() {
  const { name, email } = useUser();
  return (
    <Page title="Dashboard" intro={`Welcome, ${name ?? email}.`}>
      <div className="grid">
        {figures.map((figure) => (
          <Total key={figure.to} {...figure} />
        ))}
      </div>
    </Page>
  );
}

/** Each figure stands for itself: one that cannot be had does not take the others with it. */
function Total({ title, to, procedure }: Figure) {
  const total = useLoaded(async () => (await query<{ total: number }>(procedure, { limit: 1 })).total);
  return (
    <Section title={title}>
      <Show loaded={total}>{(value) => <p className="figure">{value}</p>}</Show>
      <Link to={to}>Show all</Link>
    </Section>
  );
}
