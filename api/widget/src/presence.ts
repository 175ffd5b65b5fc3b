// Which of a browser's tabs listens: the one that is in use, and only it. Where there are no locks, each that is seen.

export interface Presence {
  readonly here: boolean;
  /** Whether this tab has something to listen to, and somebody who looks. */
  want(wanted: boolean): void;
  /** This tab is the one in use. */
  claim(): void;
}

export function presence(name: string, changed: () => void): Presence {
  const locks = navigator.locks as LockManager | undefined;
  let wanted = false;
  let release: (() => void) | undefined;
  let waiting: AbortController | undefined;

  function request(steal: boolean): void {
    if (!locks) {
      release = () => {};
      return changed();
    }
    waiting?.abort();
    const mine = (waiting = new AbortController());
    const held = () =>
      new Promise<void>((done) => {
        release = done;
        changed();
      });
    locks
      .request(name, steal ? { steal } : { signal: mine.signal }, held)
      .catch(() => {})
      .then(() => {
        if (waiting !== mine) return;
        // Given back, or taken by the tab that is in use now: this one is next in line.
        release = waiting = undefined;
        changed();
        if (wanted) request(false);
      });
  }

  return {
    get here() {
      return !!release;
    },
    want(now) {
      if (now === wanted) return;
      wanted = now;
      if (now) return request(false);
      waiting?.abort();
      waiting = undefined;
      release?.();
      release = undefined;
      changed();
    },
    claim() {
      if (wanted && !release) request(true);
    },
  };
}
