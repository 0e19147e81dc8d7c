/** One point of a floor series: the lowest value of a stretch, when it was seen, and the mean load of that stretch. */
export type TakeFloor = (tHours: number, value: number, load: number) => void;

/** Folds samples, or finer floors, into the lowest value of each bin. A bin of which less than half was seen is no floor. */
export class FloorBins {
  readonly #perHour: number;
  readonly #take: TakeFloor;
  #bin = -1;
  #count = 0;
  #most = 0;
  #low = 0;
  #lowAt = 0;
  #loadSum = 0;

  constructor(perHour: number, take: TakeFloor) {
    this.#perHour = perHour;
    this.#take = take;
  }

  add(tHours: number, value: number, load: number): void {
    // Bin borders are whole samples apart only up to rounding: a sample on the border belongs to the later bin.
    const bin = Math.floor(tHours * this.#perHour + 1e-6);
    if (bin !== this.#bin) this.#open(bin, tHours, value);
    else if (value < this.#low) {
      this.#low = value;
      this.#lowAt = tHours;
    }
    this.#count += 1;
    this.#loadSum += load;
  }

  /** A bin that was cut short by a gap or a restart is no floor. */
  cut(): void {
    this.#bin = -1;
    this.#count = 0;
    this.#loadSum = 0;
  }

  #open(bin: number, tHours: number, value: number): void {
    if (this.#count > 0) this.#close();
    this.#bin = bin;
    this.#count = 0;
    this.#loadSum = 0;
    this.#low = value;
    this.#lowAt = tHours;
  }

  #close(): void {
    this.#most = Math.max(this.#most, this.#count);
    if (2 * this.#count >= this.#most) this.#take(this.#lowAt, this.#low, this.#loadSum / this.#count);
  }
}

const fewestBetween = 3;
const widestBins = 2.5;

/**
 * Hands on only floors that are no higher than the floors beside them: between two garbage collections a heap only
 * rises, and its valleys are what really stays.
 */
export class Valleys {
  readonly #binHours: number;
  readonly #take: TakeFloor;
  #before = Number.NaN;
  #middle = Number.NaN;
  #middleAt = 0;
  #middleLoad = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(perHour: number, take: TakeFloor) {
    this.#binHours = 1 / perHour;
    this.#take = take;
  }

  add(tHours: number, value: number, load: number): void {
    // Across a gap nothing is a neighbour: comparing with NaN is never true, so there is no valley beside it.
    if (tHours - this.#middleAt > widestBins * this.#binHours) this.cut();
    const isValley = this.#middle <= this.#before && this.#middle <= value;
    if (isValley && this.#middleAt - this.#lastAt >= (fewestBetween - 1) * this.#binHours) {
      this.#take(this.#middleAt, this.#middle, this.#middleLoad);
      this.#lastAt = this.#middleAt;
    }
    this.#before = this.#middle;
    this.#middle = value;
    this.#middleAt = tHours;
    this.#middleLoad = load;
  }

  cut(): void {
    this.#before = Number.NaN;
    this.#middle = Number.NaN;
  }
}
