// Random choices that are the same for the same seed.

export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** A number from 0 to 1, without 1 (mulberry32). */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number below a bound. */
  below(bound) {
    return Math.floor(this.next() * bound);
  }

  chance(of) {
    return this.next() < of;
  }

  pick(items) {
    return items[this.below(items.length)];
  }
}
