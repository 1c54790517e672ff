/** A terminal's screen, as far as Parley's lines and prompts need one: no scrolling, no colours, no wide characters. */
export class Screen {
  private readonly columns: number;
  private readonly rows: string[][] = [[]];
  /** Rows that go on from the one above, because that was full. */
  private readonly continued = new Set<number>();
  private row = 0;
  private column = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): this {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences begin with the escape character
    for (const [token, argument, command] of text.matchAll(/\u001b\[[?]?([\d;]*)([A-Za-z])|./gsu)) {
      if (command !== undefined) this.control(command, Number(argument) || 0);
      else this.put(token);
    }
    return this;
  }

  /** The rows, without blanks at their ends. */
  lines(): string[] {
    return this.rows.map((row) =>
      Array.from(row, (character) => character ?? ' ')
        .join('')
        .trimEnd(),
    );
  }

  /** Where the terminal broke a line inside a word that would have fitted into one. */
  brokenWords(): string[] {
    const lines = this.lines();
    return [...this.continued].flatMap((row) => {
      const [before, after] = [lines[row - 1]!, lines[row]!];
      if (!/\S$/.test(before) || !/^\S/.test(after)) return [];
      const word = /\S*$/.exec(before)![0] + /^\S*/.exec(after)![0];
      return word.length < this.columns && !/^parley1-/.test(word) ? [word] : [];
    });
  }

  private put(character: string): void {
    if (character === '\r') this.column = 0;
    else if (character === '\n') this.down(1);
    else if (character === '\b') this.column = Math.max(0, this.column - 1);
    else if (character >= ' ') {
      if (this.column === this.columns) {
        this.down(1);
        this.column = 0;
        this.continued.add(this.row);
      }
      this.rows[this.row]![this.column++] = character;
    }
  }

  private control(command: string, argument: number): void {
    const count = argument || 1;
    if (command === 'A') this.row = Math.max(0, this.row - count);
    if (command === 'B') this.down(count);
    if (command === 'C') this.column = Math.min(this.columns, this.column + count);
    if (command === 'D') this.column = Math.max(0, this.column - count);
    if (command === 'G') this.column = count - 1;
    if ((command === 'J' || command === 'K') && argument === 0) this.rows[this.row]!.length = this.column;
    if (command === 'J' && argument === 0) {
      for (let row = this.row + 1; row < this.rows.length; row++) this.continued.delete(row);
      this.rows.length = this.row + 1;
    }
  }

  private down(count: number): void {
    this.row += count;
    while (this.rows.length <= this.row) this.rows.push([]);
  }
}
