import { Component, type ReactNode } from 'react';

/** The last resort: a page that broke says so and offers the way back, in place of a white screen. */
export class Safely extends Component<{ readonly children?: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { readonly broken: boolean } {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <main className="center">
        <div className="card" role="alert">
          <h1>This page could not be shown</h1>
          <p>Something went wrong. Nothing you saved is lost.</p>
          <button type="button" onClick={() => location.reload()}>
            Reload the page
          </button>
        </div>
      </main>
    );
  }
}
