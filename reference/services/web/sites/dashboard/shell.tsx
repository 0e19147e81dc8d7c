import { type ReactNode, useEffect, useState } from 'react';
import { ChatButton } from './chat/button.tsx';
import { Conversation } from './pages/conversation.tsx';
import { Conversations } from './pages/conversations.tsx';
import { Escalations } from './pages/escalations.tsx';
import { Home } from './pages/home.tsx';
import { Knowledge } from './pages/knowledge.tsx';
import { Profile } from './pages/profile.tsx';
import { Rooms } from './pages/rooms.tsx';
import { Settings } from './pages/settings.tsx';
import { Surveys } from './pages/surveys.tsx';
import { Team } from './pages/team.tsx';
import { Usage } from './pages/usage.tsx';
import { go, Link } from './router.tsx';
import { useSession, useUser } from './session.tsx';
import { Outcome, Page } from './ui/parts.tsx';
import { Safely } from './ui/safely.tsx';
import { ThemeSwitch } from './ui/theme-switch.tsx';
import { useTask } from './use.ts';

const groups: Readonly<Record<string, Readonly<Record<string, readonly [name: string, page: () => ReactNode]>>>> = {
  Main: {
    '/dashboard': ['Dashboard', Home],
    '/conversations': ['Conversations', Conversations],
    '/knowledge': ['Knowledge', Knowledge],
    '/usage': ['Usage', Usage],
  },
  Agents: { '/escalations': ['Escalations', Escalations], '/surveys': ['Surveys', Surveys] },
  Meetings: { '/rooms': ['Rooms', Rooms] },
  Platform: { '/team': ['Team', Team], '/profile': ['Profile', Profile], '/settings': ['Settings', Settings] },
};

/** What stands around every page behind the sign-in. */
export function Shell({ path }: { path: string }) {
  const [menu, setMenu] = useState(false);
  // Whoever has gone somewhere needs the menu no longer.
  useEffect(() => setMenu(false), [path]);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <aside className="side">
        <div className="side-top">
          <Link to="/dashboard" className="brand">
            Platform
          </Link>
          <button type="button" className="menu" aria-expanded={menu} onClick={() => setMenu((before) => !before)}>
            Menu
          </button>
        </div>
        <nav aria-label="Main navigation" className={menu ? 'open' : ''}>
          {Object.entries(groups).map(([group, entries]) => (
            <NavGroup key={group} name={group} entries={entries} path={path} />
          ))}
        </nav>
      </aside>
      <div className="main">
        <TopBar />
        <main id="content" tabIndex={-1}>
          <Safely key={path}>
            <Routed path={path} />
          </Safely>
        </main>
      </div>
      <ChatButton />
    </div>
  );
}

function NavGroup({ name, entries, path }: { name: string; entries: (typeof groups)[string]; path: string }) {
  return (
    <>
      <h2>{name}</h2>
      <ul>
        {Object.entries(entries).map(([to, [title]]) => (
          <li key={to}>
            <Link to={to} {...(path.startsWith(to) ? { 'aria-current': 'page' } : {})}>
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function TopBar() {
  const { signOut } = useSession();
  const { name, email } = useUser();
  const leaving = useTask(signOut);
  return (
    <header>
      <span className="who">{name ?? email}</span>
      <div className="row">
        <ThemeSwitch />
        <button className="plain" type="button" disabled={leaving.busy} onClick={() => void leaving.run()}>
          Log out
        </button>
      </div>
      <Outcome task={leaving} />
    </header>
  );
}

function Routed({ path }: { path: string }) {
  const conversation = /^\/conversations\/([^/]+)$/.exec(path)?.[1];
  if (conversation) return <Conversation key={conversation} sessionId={conversation} />;
  const found = Object.values(groups)
    .flatMap(Object.entries)
    .find(([to]) => to === path.replace(/\/+$/, ''));
  if (!found) return <Elsewhere />;
  const [, [, Found]] = found as [string, readonly [string, () => ReactNode]];
  return <Found key={path} />;
}

/** Addresses nobody knows lead to the dashboard. */
function Elsewhere() {
  useEffect(() => go('/dashboard', 'replace'), []);
  return <Page title="Dashboard" />;
}
