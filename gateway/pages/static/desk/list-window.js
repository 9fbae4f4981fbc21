/**
 * Which part of a long list stands in the document: at most `size` rows, moved by `step`, glued to the end while the
 * reader follows. Arithmetic only, so that five thousand turns cost what two hundred do.
 *
 * Refuses: the document; the transcript's element draws what `from` and `to` say.
 */
export class ListWindow {
  /** @param {number} size  rows in the document @param {number} step  rows that one move brings */
  constructor(size = 160, step = 60) {
    this.size = size;
    this.step = step;
    this.from = 0;
    this.to = 0;
    this.following = true;
    /** Rows that came while the reader was elsewhere. */
    this.unseen = 0;
    this.count = 0;
  }

  /** The list has this many rows now. @param {number} count */
  grow(count) {
    const more = Math.max(0, count - this.count);
    this.count = count;
    if (this.following) this.newest();
    else {
      this.unseen += more;
      if (this.to - this.from < this.size) this.to = Math.min(count, this.from + this.size);
    }
  }

  /** Back to the end, and stay there. */
  newest() {
    this.following = true;
    this.unseen = 0;
    this.to = this.count;
    this.from = Math.max(0, this.to - this.size);
  }

  /** The reader looks at what was before. */
  pause() {
    this.following = false;
  }

  /** Earlier rows; false where there are none. */
  earlier() {
    if (this.from === 0) return false;
    this.following = false;
    this.from = Math.max(0, this.from - this.step);
    this.to = Math.min(this.to, this.from + this.size);
    return true;
  }

  /** Later rows; false where there are none. */
  later() {
    if (this.to === this.count) return false;
    this.to = Math.min(this.count, this.to + this.step);
    this.from = Math.max(this.from, this.to - this.size);
    return true;
  }
}
