import { query } from '../api.ts';
import { Link } from '../router.tsx';
import { Empty, Page, Section, Show, when } from '../ui/parts.tsx';
import { useLoaded } from '../use.ts';

interface Survey {
  readonly id: string;
  readonly sessionId: string;
  readonly surveyMethod: string;
  readonly experienceRating: number | null;
  readonly problemSolved: boolean | null;
  readonly feedbackText: string | null;
  readonly refusedToRate: boolean | null;
  readonly createdAt: string;
}

interface Stats {
  readonly total: string | number;
  readonly completed: string | number;
  readonly avgRating: string | number | null;
  readonly problemSolvedRate: number | null;
}

const methods: Readonly<Record<string, string>> = {
  in_widget: 'in the chat',
  ai_call: 'by a call',
  sms_link: 'by SMS',
  email_link: 'by e-mail',
};

export function Surveys() {
  const stats = useLoaded(() => query<Stats>('surveys.getStats', {}));
  const surveys = useLoaded(() => query<readonly Survey[]>('surveys.list', { limit: 50 }));
  return (
    <Page title="Surveys" intro="How your customers found their conversations.">
      <Show loaded={stats}>{(value) => <Figures stats={value} />}</Show>
      <Section title="Answers">
        <Show loaded={surveys}>{(rows) => <Answers rows={rows} />}</Show>
      </Section>
    </Page>
  );
}

function Figures({ stats }: { stats: Stats }) {
  const rating = stats.avgRating === null ? '–' : Number(stats.avgRating).toFixed(1);
  const solved = stats.problemSolvedRate === null ? '–' : `${Math.round(100 * stats.problemSolvedRate)} %`;
  const figures = { Asked: stats.total, Answered: stats.completed, 'Average rating': rating, 'Problem solved': solved };
  return (
    <div className="grid">
      {Object.entries(figures).map(([title, value]) => (
        <Section key={title} title={title}>
          <p className="figure">{value}</p>
        </Section>
      ))}
    </div>
  );
}

function Answers({ rows }: { rows: readonly Survey[] }) {
  if (rows.length === 0) return <Empty>Nobody was asked yet.</Empty>;
  return (
    <ul className="list">
      {rows.map((row) => (
        <li key={row.id}>
          <span>
            <strong>{ratingOf(row)}</strong> {row.feedbackText}
            <span className="note">
              {' '}
              {methods[row.surveyMethod] ?? row.surveyMethod} · {when(row.createdAt)}
            </span>
          </span>
          <Link to={`/conversations/${row.sessionId}`}>Open conversation</Link>
        </li>
      ))}
    </ul>
  );
}

const ratingOf = ({ experienceRating, refusedToRate }: Survey): string =>
  experienceRating ? `${experienceRating} of 5 stars` : refusedToRate ? 'Would not say' : 'No rating';
