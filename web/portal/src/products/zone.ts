/** An instant as the clock on the wall shows it in a zone: 2026-03-31T14:30. */
export function wallIn(zone: string, at: Date): string {
  const p = Object.fromEntries(
    new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
      .formatToParts(at)
      .map((x) => [x.type, x.value]),
  );
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`;
}

/** The instant of a wall clock's time in a zone; the first of two, and behind the gap where there is none. */
export function instantIn(zone: string, wall: string): Date {
  const asUTC = Date.parse(wall.slice(0, 16) + 'Z');
  const offset = (t: number) => Date.parse(wallIn(zone, new Date(t)) + 'Z') - Math.floor(t / 60_000) * 60_000;
  // A day before and a day after are on both sides of any change of the clock.
  const [before, after] = [asUTC - offset(asUTC - 86_400_000), asUTC - offset(asUTC + 86_400_000)];
  return new Date(offset(before) === asUTC - before ? before : offset(after) === asUTC - after ? after : before);
}
