import { log, text } from './log.ts';

/** Ends the process on SIGTERM or SIGINT after `close`, or after two seconds whatever `close` does. */
export function stopOnSignal(close: () => Promise<unknown>): void {
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log('info', 'stopping', { signal });
    setTimeout(() => process.exit(0), 2000).unref();
    close()
      .catch((error) => log('warn', 'unclean stop', { error: text(error) }))
      .finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // The supervisor holds the other end of our IPC channel where it opened one; without it nobody would ever stop us.
  process.on('disconnect', () => stop('disconnect'));
}
