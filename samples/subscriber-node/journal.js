import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';

/**
 * What this subscriber has done, a line for each effect, and which messages led to it. In a service of yours this is a table
 * written in the same transaction as the effect; the point is that both are written together or not at all.
 */
export class Journal {
  #path;
  #taken = new Set();
  #sequences = new Map();
  #cursors = new Map();

  constructor(path) {
    this.#path = path;
    if (!existsSync(path)) return;
    const text = readFileSync(path, 'utf8');
    // A crash may have cut the last line short: then its effect was not written, and the message comes again.
    const whole = text.lastIndexOf('\n') + 1;
    truncateSync(path, Buffer.byteLength(text.slice(0, whole)));
    for (const line of text.slice(0, whole).split('\n').filter(Boolean).map(JSON.parse)) this.#remember(line);
  }

  cursorOf(feed) { return this.#cursors.get(feed) ?? ''; }

  /** Where the feed was read to. Written after the effects of that page, so a crash in between repeats some and skips none. */
  readTo(feed, cursor) { this.#write({ feed, cursor }); }

  /** Carries a message out once. False: it was carried out before. */
  take({ messageId, type, subject, sequence, source }) {
    if (this.#taken.has(messageId)) return false;
    // Old news of its subject changes no state any more, but it did happen: what counts happenings counts it.
    const late = sequence <= (this.#sequences.get(subject) ?? 0);
    this.#write({ messageId, type, subject, sequence, source, late });
    return true;
  }

  #write(line) {
    appendFileSync(this.#path, JSON.stringify(line) + '\n');
    this.#remember(line);
  }

  #remember(line) {
    if (line.feed) this.#cursors.set(line.feed, line.cursor);
    if (!line.messageId) return;
    this.#taken.add(line.messageId);
    this.#sequences.set(line.subject, Math.max(line.sequence, this.#sequences.get(line.subject) ?? 0));
  }
}
