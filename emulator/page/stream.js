/** The live connection: Server-Sent Events from the last seen number on, for as long as it takes. */

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5000;

/**
 * Follow a chat until `close()` is called. After a break it first asks `catchUp` where to go on from, then listens again.
 *
 * @param {object} options
 * @param {(after: number) => string} options.url the stream's address for events later than `after`
 * @param {() => Promise<number>} options.catchUp loads what the page must know and resolves to the last seen number
 * @param {(event: import("./types.js").ChatEvent) => void} options.onEvent
 * @param {(isConnected: boolean) => void} options.onState
 */
export function follow({ url, catchUp, onEvent, onState }) {
  /** @type {EventSource | null} */
  let source = null;
  let waitMs = FIRST_WAIT_MS;
  let timer = 0;
  let attempt = 0;

  async function open() {
    const mine = abandon();
    let after;
    try {
      after = await catchUp();
    } catch {
      if (mine === attempt) retry();
      return;
    }
    if (mine !== attempt) return;
    source = new EventSource(url(after));
    source.onopen = () => {
      waitMs = FIRST_WAIT_MS;
      onState(true);
    };
    source.onmessage = ({ data }) => onEvent(JSON.parse(data));
    source.onerror = retry;
  }

  /** Forget the present attempt. @returns {number} the number of the next one */
  function abandon() {
    clearTimeout(timer);
    source?.close();
    source = null;
    attempt += 1;
    return attempt;
  }

  function retry() {
    abandon();
    onState(false);
    timer = setTimeout(open, waitMs);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }

  function hurry() {
    if (source === null) open();
  }

  globalThis.addEventListener("online", hurry);
  open();
  return {
    close() {
      abandon();
      globalThis.removeEventListener("online", hurry);
    },
  };
}
