import { Page } from '../ui/parts.tsx';
import { SecondFactor } from './second-factor.tsx';
import { WidgetSettings } from './widget-settings.tsx';

export const Settings = () => (
  <Page title="Settings">
    <WidgetSettings />
    <SecondFactor />
  </Page>
);
